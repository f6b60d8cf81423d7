"""A shot list is read whole, and every fault is told with its line."""

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.models.batch.shot import ShotListError
from mien.models.batch.shot_list import read_shot_list
from mien.models.batch.toml_lines import key_lines, line_of


@pytest.fixture
def files(tmp_path):
    (tmp_path / "hero.blend").write_bytes(b"BLENDER-v405")
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / "one.mp4").write_bytes(b"film")
    (tmp_path / "talk.json").write_text('{"mien_recipe": 1, "steps": []}')
    return tmp_path


def written(folder, text, name="shots.toml"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


GOOD = """
[defaults]
character = "hero.blend"
make = ["video", "blend"]
tolerance = 0.01

[[shot]]
name = "s010"
footage = "clips/one.mp4"

[[shot]]
name = "s020"
footage = "clips/one.mp4"
recipe = "talk.json"
tolerance = 0
frames = "3-9"
size = "64x48"
make = ["live_link"]
still_frames = [1, "4-6"]
neutral = 0.5
"""


def test_defaults_hold_where_a_shot_says_nothing_and_paths_are_relative_to_the_list(files):
    first, second = read_shot_list(written(files, GOOD))
    assert (first.name, first.tolerance, first.make) == ("s010", 0.01, ("blend", "video"))
    assert first.footage == files / "clips" / "one.mp4" and first.character == files / "hero.blend"
    assert (second.tolerance, second.make, second.frames) == (0, ("live_link",), (3, 9))
    assert (second.size, second.still_frames, second.neutral) == ((64, 48), (1, 4, 5, 6), "0.5")
    assert second.line == 11


def test_a_csv_says_the_same(files):
    rows = [
        "name;footage;character;make;tolerance;frames;stamp",
        "*;clips/one.mp4;hero.blend;video blend;0.01;;",
        "s010;;;;;;",
        "",
        's020;;;"live_link, stills";0;3-9;yes',
    ]
    first, second = read_shot_list(written(files, "\n".join(rows), "shots.csv"))
    assert (first.name, first.tolerance, first.make) == ("s010", 0.01, ("blend", "video"))
    assert (second.make, second.frames, second.stamp) == (("stills", "live_link"), (3, 9), True)
    assert (first.line, second.line) == (3, 5)


def told(path):
    with pytest.raises(ShotListError) as raised:
        read_shot_list(path)
    return str(raised.value).splitlines()


def test_every_fault_is_told_with_its_line(files):
    text = """# shots
[defaults]
character = "hero.blend"
engine = "luxcore"

[[shot]]
name = "a/b"
footage = "clips/one.mp4"

[[shot]]
name = "two"
footage = "clips/gone.mp4"
tolerence = 0.1

[[shot]]
name = "three"
footage = "clips/one.mp4"
take = "clips"

[[shot]]
name = "Three"
footage = "clips/one.mp4"
make = [
    "blend",
    "hologram",
]
tolerance = -1
[[shot]]
footage = "clips/one.mp4"
"""
    path = written(files, text)
    lines = told(path)
    expected = [
        (4, "“engine” must be one of"),
        (7, "“name” is “a/b”"),
        (12, "gone.mp4, which is not there"),
        (13, "no setting “tolerence”"),
        (15, "one of the two"),
        (20, "is the name of the shot of line 15"),
        (23, "“hologram”"),
        (27, "“tolerance” must be"),
        (28, "no name"),
    ]
    assert len(lines) == len(expected), lines
    for line, (number, words) in zip(lines, expected, strict=True):
        assert line.startswith(f"{path}:{number}: ") and words in line, line


def test_faults_of_a_csv_have_their_lines_too(files):
    text = 'name,footage,make\n"two\nlines",clips/one.mp4,live_link\nb,clips/no.mp4,\n'
    lines = told(written(files, text, "shots.csv"))
    assert [line.split(":")[1] for line in lines] == ["2", "4", "4"]
    assert "needs a character" in lines[1]


def test_what_cannot_be_used_is_found_before_anything_starts(files):
    (files / "talk.json").write_text('{"mien_recipe": 1, "steps": [{"step": "dance"}]}')
    (files / "hero.blend").write_bytes(b"FBX")
    lines = told(written(files, GOOD))
    assert any("no .blend file" in line for line in lines)
    assert any(line.split(":")[1] == "14" and "“dance”" in line for line in lines)
    assert "no TOML" in told(written(files, "[[shot]\n"))[0]
    assert "line 1" in told(written(files, "[[shot]\n"))[0]
    assert "names no shot" in told(written(files, "[defaults]\n"))[0]
    assert "No such file" in told(files / "nothing.toml")[0]


ODD = '''
top = """
[not] = "a table"
""" # comment with = and [
"quo\\"ted" = {inner = [1, 2], other = "}"}
[one . 'two three']
key.sub = [ # [
  "]", ']',
]
text = \'\'\'
[[fake]]\'\'\'\'
[[many]]
a = 1
[[many]]
[[many.deep]]
b = """x""""
[many.deep.more]
c = 1979-05-27T07:32:00Z
'''


def test_keys_are_found_in_odd_texts():
    tomllib.loads(ODD)
    lines = key_lines(ODD)
    assert lines == {
        ("top",): 2,
        ('quo"ted',): 5,
        ("one", "two three"): 6,
        ("one", "two three", "key", "sub"): 7,
        ("one", "two three", "text"): 10,
        ("many", 0): 12,
        ("many", 0, "a"): 13,
        ("many", 1): 14,
        ("many", 1, "deep", 0): 15,
        ("many", 1, "deep", 0, "b"): 16,
        ("many", 1, "deep", 0, "more"): 17,
        ("many", 1, "deep", 0, "more", "c"): 18,
    }
    assert line_of(lines, ('quo"ted', "inner", 0)) == 5


VALUES = st.one_of(
    st.integers(),
    st.booleans(),
    st.sampled_from(['"""a\n[x]\n"""', "'''\n#'''", '"a#b"', "[1,\n2]", "{a = [1, {b = 2}]}"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(VALUES, max_size=4), min_size=1, max_size=6))
def test_each_key_stands_on_the_line_that_is_found(tables):
    texts = []
    for number, values in enumerate(tables):
        texts.append(f"  [[shot]] # table {number}")
        for index, value in enumerate(values):
            text = str(value).lower() if isinstance(value, bool) else str(value)
            texts.append(f"key-{number}-{index} = {text} # and a note")
    text = "\n".join(texts)
    assert len(tomllib.loads(text)["shot"]) == len(tables)
    rows = text.split("\n")
    found = key_lines(text)
    for number, values in enumerate(tables):
        assert f"table {number}" in rows[found["shot", number] - 1]
        for index in range(len(values)):
            name = f"key-{number}-{index}"
            assert rows[found["shot", number, name] - 1].startswith(f"{name} = ")
