"""Every string that Mien shows is translated, and can be."""

import ast
import re
import string
from pathlib import Path

import pytest
from mien.addon import registration
from mien.addon.panels.lines import lines_of, width_of
from mien.addon.translations import FOLDER, languages, translations_into
from mien.addon.translations.collect import ROOT, collected
from mien.addon.translations.literals import (
    has_words,
    literals_in,
    progress_in,
    texts_of_jobs_in,
)
from mien.addon.translations.po import Entry, PoError, read_po, written
from mien.addon.translations.sentences import SENTENCES, told, translated
from mien.addon.translations.update import up_to_date
from mien.blender_ops.bake import BakeResult

# Names and words that are the same in these languages.
SAME = {
    "Mien",
    "MediaPipe",
    "NLA",
    "ARKit JSON",
    "Audio2Face JSON",
    "FACEGOOD npz",
    "Face Cap TXT",
    "Live Link Face CSV",
    "{rate:.5g} fps",
    "{found} of {all}",
}


@pytest.fixture(scope="module")
def strings():
    registration.register()
    yield collected(registration.CLASSES)
    registration.unregister()


@pytest.fixture(params=["ja_JP", "zh_HANS"])
def language(request):
    return request.param


def test_there_is_a_file_for_each_language():
    assert languages() == ["ja_JP", "zh_HANS"]


def test_every_kind_of_string_is_collected(strings):
    assert {
        ("Operator", "Bake"),  # an operator's label,
        ("*", "Choose footage first"),  # why a button is grey,
        ("Mien", "Expression"),  # a panel's label,
        ("*", "Tolerance"),  # a property's name,
        ("*", "Leave out what is before the current frame"),  # a tooltip in an operator's list,
        ("*", "Missing Channels Only"),  # a property of an operator,
        ("Mien", "Median"),  # an item of a list,
        ("*", "A face that shows joy"),  # an item's tooltip, which a function makes,
        ("*", "Tongue"),  # a name from data,
        ("*", "Streaming"),  # the name of a preset,
        ("Mien", "Reading the take"),  # what a job does, as it says itself
        ("Mien", "Finding landmarks"),  # and as the models say it,
        ("*", "{name} was stopped; nothing was changed"),  # a template,
        ("Mien", "Face seen"),  # the name of a figure,
        ("*", "Settings have changed: preview again"),  # and words.
    } <= strings.keys()


def test_no_string_is_missing(strings, language):
    assert strings.keys() - translations_into(language).keys() == set()


def test_no_translation_is_left_of_a_string_that_is_gone(strings, language):
    assert {entry.key for entry in read_po(FOLDER / f"{language}.po")} - strings.keys() == set()


def test_what_is_put_into_a_text_is_put_into_its_translation(language):
    for (_, text), translation in translations_into(language).items():
        assert fields_of(translation) == fields_of(text), text


def test_a_translation_is_not_the_english_text(language):
    copies = {text for (_, text), words in translations_into(language).items() if words == text}
    assert copies - SAME == set()


def test_a_translation_is_written_in_its_own_letters(language):
    own = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
    translated = translations_into(language)
    assert {text for (_, text), words in translated.items() if not own.search(words)} <= SAME


def test_labels_are_about_as_short_as_in_english(strings, language):
    """A label has some 30 letters' room in the sidebar, a Chinese letter takes that of two."""
    labels = {key: words for key, words in translations_into(language).items() if is_label(key)}
    assert {words for words in labels.values() if width_of(words) > 34} == set()


def sources():
    return sorted((ROOT / "addon").rglob("*.py"))


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_words_are_put_together_before_blender_sees_them(path):
    code = path.read_text(encoding="utf-8")
    found = [literal.line for literal in literals_in(code) if literal.put_together]
    assert not found, f"{path}: lines {found}: use iface_('… {{name}} …').format(name=…)"


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_tooltips_that_code_chooses_are_looked_up_by_it(path):
    """Blender shows what `description` returns as it is."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name == "description":
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return):
                    assert ast.unparse(inner.value).startswith("tip_("), path


def fields_of(text):
    """What `str.format` and `%` put into a text, in any order."""
    named = [f"{name}:{form}" for _, name, form, _ in string.Formatter().parse(text) if name]
    return sorted(named + re.findall(r"%[sdfg]", text))


def is_label(key):
    """Short, in title case or of one word: not a sentence."""
    context, text = key
    words = text.split()
    return context == "Operator" or (len(words) < 4 and all(word[0].isupper() for word in words))


@pytest.mark.parametrize(
    ("code", "texts", "context"),
    [
        ('row.label(text="One")', ["One"], ""),
        ('row.label(text="One" if it else "Two")', ["One", "Two"], ""),
        ('row.label(text=name or "None")', ["None"], ""),
        ('row.operator("mien.bake", text="One")', ["One"], "Operator"),
        ('row.label(text="One", text_ctxt=CONTEXT)', ["One"], "Mien"),
        ('draw_figure(box, "Rate", value)', ["Rate"], "Mien"),
        ('iface_("{a} of {b}").format(a=1, b=2)', ["{a} of {b}"], ""),
        ('rpt_("Bake", contexts.operator_default)', ["Bake"], "Operator"),
        ('for title in ("One", "Two"):\n    row.label(text=title)', ["One", "Two"], ""),
        ('for n, w in (("a", 1), ("b", 2)):\n    row.label(text=n)', ["a", "b"], ""),
        ('WORDS = "One"\ndraw_words(layout, context, WORDS)', ["One"], ""),
        ('def disabled_reason(c):\n    return "" if c else "One"', ["", "One"], ""),
        ('self.report({"INFO"}, "One")', ["One"], ""),
    ],
)
def test_literals_are_found_where_they_are_shown(code, texts, context):
    found = [literal for literal in literals_in(code) if literal.texts]
    assert [(list(each.texts), each.context) for each in found] == [(texts, context)]
    assert not any(literal.put_together for literal in literals_in(code))


@pytest.mark.parametrize(
    "code",
    [
        'row.label(text=f"{a} of {b}")',
        'row.label(text="Length " + length)',
        'row.label(text="%d keys" % keys)',
        'row.label(text="{} keys".format(keys))',
        'words = f"{a} of {b}"\nself.report({"INFO"}, words)',
        'words = ""\nwords += f" and {b}"\nself.report({"INFO"}, words)',
        'def finish(job):\n    return f"made {job}"',
    ],
)
def test_words_that_are_put_together_are_found(code):
    assert any(literal.put_together for literal in literals_in(code))


@pytest.mark.parametrize(
    "code", ['row.label(text=f"{a:.0%}")', "row.label(text=name)", 'f(text=f"made {a}")']
)
def test_figures_and_names_may_be_put_together(code):
    assert not any(literal.put_together for literal in literals_in(code))


def test_what_jobs_and_models_say_of_their_progress_is_found():
    assert list(progress_in('progress(0.5, "finding landmarks")')) == ["finding landmarks"]
    job = 'class A:\n    doing = "Baking"\n    def f(self):\n        self.b, self.text = 1, "On"'
    assert sorted(texts_of_jobs_in(job)) == ["Baking", "On"]
    assert not list(texts_of_jobs_in('text = "no job says this"'))


def test_what_is_written_is_read_again(tmp_path):
    entries = [
        Entry(("*", 'Quote " and \\ and\nline'), "译文", ("a.py", "b.py"), ("remark",), True),
        Entry(("Operator", "Bake"), "烘焙"),
    ]
    path = tmp_path / "zh_HANS.po"
    path.write_text(written(entries, "zh_HANS"), encoding="utf-8")
    assert read_po(path) == entries
    assert [entry.is_done for entry in entries] == [False, True]


def test_what_a_translators_tool_writes_is_read(tmp_path):
    """Long texts in several lines, a header of its own, entries that were struck out."""
    path = tmp_path / "ja_JP.po"
    path.write_text(
        'msgid ""\nmsgstr "X-Generator: Poedit\\n"\n\n'
        '#, python-brace-format\n#| msgid "old"\nmsgctxt "Operator"\n'
        'msgid ""\n"one "\n"two"\nmsgstr ""\n"いち"\n"に"\n\n'
        '#~ msgid "gone"\n#~ msgstr "消えた"\n',
        encoding="utf-8",
    )
    assert [(entry.key, entry.translation) for entry in read_po(path)] == [
        (("Operator", "one two"), "いちに")
    ]


@pytest.mark.parametrize("line", ['msgfoo "x"', "msgid x", 'msgstr "x'])
def test_a_damaged_file_is_named(tmp_path, line):
    path = tmp_path / "ja_JP.po"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(PoError, match=r"ja_JP\.po"):
        read_po(path)


def test_an_update_keeps_what_is_translated():
    kept, gone = Entry(("*", "A"), "甲", ("old.py",)), Entry(("*", "B"), "乙")
    updated = up_to_date([kept, gone], {("*", "C"): ("c.py",), ("*", "A"): ("a.py",)})
    assert updated == [Entry(("*", "A"), "甲", ("a.py",)), Entry(("*", "C"), "", ("c.py",))]


@pytest.mark.parametrize("width", [12, 20, 40])
@pytest.mark.parametrize(
    "text",
    [
        "Settings have changed: preview again",
        "设置已更改：请重新预览，ARKit 的 52 个通道。",
        "設定が変わりました。もう一度プレビューしてください。",
    ],
)
def test_lines_fit_and_keep_the_text(text, width):
    lines = lines_of(text, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    # A mark that closes hangs over rather than begin a line.
    assert all(width_of(line) <= width + 2 for line in lines)
    assert not any(line[0] in "，。：、" for line in lines)


def test_the_tables_travel_in_the_package(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    from building.packaging import packaged_files

    files = set(packaged_files())
    assert {Path(f"addon/translations/{name}.po") for name in languages()} <= files
    assert Path("addon/translations/collect.py") not in files


def table_of(language):
    return {
        text: words
        for (context, text), words in translations_into(language).items()
        if context == "Mien" and text in SENTENCES
    }


def literal_pieces(floors):
    """All that stands in quotes on these floors."""
    nodes = (
        node
        for floor in floors
        for path in (ROOT / floor).rglob("*.py")
        if path.parent.name != "translations"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    )
    return "\0".join(
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def test_each_sentence_is_one_that_a_lower_floor_says():
    said = literal_pieces(("models", "blender_ops", "addon"))
    fixed = {piece for sentence in SENTENCES for piece in re.split(r"\{\w+\}", sentence)}
    assert {piece for piece in fixed if has_words(piece) and not is_said(piece, said)} == set()


def is_said(piece, said, joints=3):
    """Whether it stands in the code, in one piece or joined of a few."""
    piece = piece.strip(" ,:.;“”")
    if piece in said or not joints:
        return piece in said
    words = piece.split(" ")
    halves = [(words[:place], words[place:]) for place in range(1, len(words))]
    return any(
        " ".join(first) in said and is_said(" ".join(second), said, joints - 1)
        for first, second in halves
    )


def test_a_sentence_is_told_with_what_was_put_into_it(language):
    table = table_of(language)
    for sentence in SENTENCES:
        names = re.findall(r"\{(\w+)\}", sentence)
        values = {name: f"Value{number}" for number, name in enumerate(names)}
        answer = told(sentence.format(**values), table)
        assert answer == table[sentence].format(**values), sentence


def test_a_report_is_told_fact_by_fact():
    table = table_of("zh_HANS")
    assert told("40 keys on 2 curves; no face for 0.3 s at 1.2 s; and 2 more times.", table) == (
        "2 条曲线上有 40 个关键帧; 1.2 秒处有 0.3 秒看不到面部; 以及另外 2 次。"
    )
    assert told("90 frames captured, the face seen in 8.\nWhat nobody said.", table) == (
        "已捕捉 90 帧，其中 8 帧看到面部。\nWhat nobody said."
    )
    locked = told(
        "9 keys → 4, largest error 0.1; left as they are because they are locked: a.", table
    )
    assert "已锁定" in locked


def test_what_a_bake_says_is_told(language):
    """The real words of a real result, to the last fact."""
    result = BakeResult((), 5, 2, 9, 0.01, ("a", "b"), ((1.0, 0.5),) * 5)
    words = told(result.words(), table_of(language))
    assert not re.search(r"[a-z]{3}", words), words
    assert words.endswith("。")
    short = BakeResult((), 5, 2, 9, 0.01, (), ())
    assert told(short.words(), table_of(language)).endswith("0.01。")


def test_english_stays_as_it_is():
    assert translated("40 keys on 2 curves") == "40 keys on 2 curves"
