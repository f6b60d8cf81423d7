"""A character's shape keys find their channels, on every shared rig in every row."""

import json
import struct
import subprocess
import sys

import bpy
import numpy as np
import pytest
from mien.blender_ops.bake import BakeOptions, bake
from mien.blender_ops.character import CharacterError, find_character, find_characters
from mien.blender_ops.inspection import inspect
from mien.blender_ops.mapping import match
from mien.blender_ops.mapping.report import in_words
from mien.blender_ops.vrm import expressions_of
from mien.models.arkit import CHANNELS
from mien.models.performance import Performance


def test_all_meshes_of_a_character_are_matched(puppet):
    mapping = match(find_character(puppet))
    assert mapping.missing == ()
    assert [(t.object.name, t.key) for t in mapping.found["jawOpen"]] == [
        ("Face", "jawOpen"),
        ("Tongue", "jaw_open"),
    ]
    assert [t.object.name for t in mapping.found["tongueOut"]] == ["Tongue"]
    assert list(mapping.found) == list(CHANNELS)


def test_what_is_not_found_is_listed(puppet):
    blocks = puppet.data.shape_keys.key_blocks
    blocks["jawForward"].name = "noseForward"
    blocks["cheekPuff"].name = "cheekPuff_L"
    blocks["noseSneerLeft"].name = "JawOpen"
    mapping = match(find_character(puppet))
    assert mapping.missing == ("jawForward", "noseSneerLeft")
    assert mapping.unknown == ("Face: noseForward",)
    assert mapping.unneeded == ("Face: JawOpen",)
    assert [t.key for t in mapping.found["cheekPuff"]] == ["cheekPuff_L"]
    assert mapping.row("cheekPuff").certainty <= 0.5
    assert "missing" in mapping.row("cheekPuff").notes[0]
    assert [t.key for t in mapping.found["jawOpen"]] == ["jawOpen", "jaw_open"]


def test_a_slip_on_one_mesh_that_another_has_not(puppet):
    puppet.data.shape_keys.key_blocks["jawOpen"].name = "jawOpenn"
    row = match(find_character(puppet)).row("jawOpen")
    assert [target.key for target in row.targets] == ["jawOpenn", "jaw_open"]
    assert row.certainty < 0.85


def test_a_deleted_mesh_is_an_error_that_says_so(puppet):
    character = find_character(puppet)
    bpy.data.objects.remove(puppet)
    with pytest.raises(CharacterError, match="deleted"):
        match(character)


def test_the_report_for_a_person(puppet):
    puppet.data.shape_keys.key_blocks["jawForward"].name = "noseForward"
    lines = in_words(match(find_character(puppet)))
    assert lines[0].startswith("ARKit: 51 channels from 52 names, sure")
    assert lines[1] == "51 of 52 channels; missing: jawForward"
    assert "jawOpen → Face: jawOpen, Tongue: jaw_open (sure, 95%)" in lines
    assert lines[-1] == "Unknown: Face: noseForward"


# --- The shared rigs -------------------------------------------------------------------------

DIRECTIONS = ("jawLeft", "jawRight", "mouthLeft", "mouthRight")


def short_sided(channel):
    """eyeBlinkLeft → eyeBlink_L, as Face Cap and ICT-FaceKit have it."""
    if channel in DIRECTIONS:
        return channel
    return channel.replace("Left", "_L").replace("Right", "_R")


def expected_rows(spell, **others):
    """The keys of each channel: one by a rule, and what differs."""
    rows = {channel: {spell(channel)} for channel in CHANNELS}
    return {**rows, **others}


def add_face(name, points, faces, moves):
    """A mesh with shape keys from arrays."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(points.tolist(), [], faces)
    made = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(made)
    made.shape_key_add(name="Basis", from_mix=False)
    for key, move in moves.items():
        block = made.shape_key_add(name=key, from_mix=False)
        block.value = 0
        block.data.foreach_set("co", (points + move).astype(np.float32).ravel())
    return made


def to_blender(points):
    """From Y up to Z up."""
    return np.stack([points[..., 0], -points[..., 2], points[..., 1]], axis=-1).astype(float)


def face_cap_head(rigs):
    bpy.ops.wm.fbx_import(filepath=str(rigs / "face_cap/FaceCapHeadGeneric.fbx"))
    return "teeth"


def face_cap_avatar(rigs):
    bpy.ops.wm.fbx_import(filepath=str(rigs / "face_cap/FaceCapLiveModeAvatar.fbx"))
    return "Chest"


def live_link_head(rigs):
    bpy.ops.wm.open_mainfile(filepath=str(rigs / "live_link_head/Live_Link_Face.blend"))
    return "FBHead"


def ict_facekit(rigs):
    data = np.load(rigs / "ict_facekit/ict_facekit.npz")
    moves = dict(
        zip(data["expression_names"].tolist(), to_blender(data["expression_deltas"]), strict=True)
    )
    add_face("ICT", to_blender(data["neutral"]), data["faces"].tolist(), moves)
    return "ICT"


def makehuman(rigs):
    points, faces = [], []
    for line in (rigs / "makehuman/base.obj").read_text().splitlines():
        kind, *rest = line.split() or [""]
        if kind == "v":
            points.append([float(each) for each in rest[:3]])
        elif kind == "f":
            faces.append([int(each.split("/")[0]) - 1 for each in rest])
    points = to_blender(np.array(points))
    moves = {}
    for path in sorted((rigs / "makehuman/final-talkinghead").glob("*.target")):
        rows = np.loadtxt(path, comments="#", ndmin=2)
        moves[path.stem] = np.zeros_like(points)
        if rows.size:
            moves[path.stem][rows[:, 0].astype(int)] = to_blender(rows[:, 1:])
    add_face("Human", points, faces, moves)
    return "Human"


VISEMES = "CH DD E FF I O PP RR SS TH U aa kk nn sil".split()  # noqa: SIM905
NEEDS_FBX = pytest.mark.skipif(bpy.app.version < (4, 5), reason="reads ASCII FBX from 4.5 on")
SHARED_RIGS = [
    pytest.param(
        face_cap_head,
        "Face Cap",
        expected_rows(short_sided),
        {"dead": {("head", "tongueOut")}},
        marks=NEEDS_FBX,
        id="Face Cap head",
    ),
    pytest.param(
        face_cap_avatar,
        "Face Cap",
        expected_rows(short_sided, tongueOut=set()),
        {},
        marks=NEEDS_FBX,
        id="Face Cap avatar",
    ),
    pytest.param(
        live_link_head,
        "ARKit",
        expected_rows(lambda channel: channel[0].upper() + channel[1:], tongueOut=set()),
        {},
        id="Live Link head",
    ),
    pytest.param(
        ict_facekit,
        "ICT-FaceKit",
        expected_rows(
            short_sided,
            browInnerUp={"browInnerUp_L", "browInnerUp_R"},
            cheekPuff={"cheekPuff_L", "cheekPuff_R"},
            tongueOut=set(),
        ),
        {"unneeded": {"PupilDilate_L", "PupilDilate_R", "cheekRaiser_L", "cheekRaiser_R"}},
        id="ICT-FaceKit",
    ),
    pytest.param(
        makehuman,
        "ARKit",
        expected_rows(lambda channel: channel),
        {"unneeded": {f"viseme_{each}" for each in VISEMES}},
        id="MakeHuman",
    ),
]


@pytest.mark.shared
@pytest.mark.parametrize(("load", "convention", "rows", "further"), SHARED_RIGS)
def test_a_shared_rig_is_right_in_every_row(shared, load, convention, rows, further):
    name = load(shared / "rigs")
    character = find_character(bpy.data.objects[name])
    mapping = match(character)
    assert [each.name for each in mapping.followed] == [convention]
    assert mapping.followed[0].certainty > 0.9
    for row in mapping.rows:
        assert {target.key for target in row.targets} == rows[row.channel], row.channel
        assert all(target.weight == 1 for target in row.targets)
        is_dead = any((t.object.name, t.key) in further.get("dead", ()) for t in row.targets)
        assert (row.certainty >= 0.95) == bool(row.targets and not is_dead), row
        assert row.notes == () or is_dead
    assert {each.partition(": ")[2] for each in mapping.unneeded} == further.get("unneeded", set())
    assert mapping.unknown == mapping.unreachable == mapping.silent == ()
    findings = mapping.findings
    assert findings.dead == further.get("dead", set())
    # The 40 channels of one side, of which 4 are directions, are all on the right one.
    assert len(findings.right) == 40 and not findings.swapped and not findings.is_mirrored
    assert findings.looks @ np.array([(1, 0, 0), (0, 0, 1), (0, -1, 0)]).T == pytest.approx(
        np.eye(3), abs=0.13
    )
    _round_trip(character, mapping, rows)


def _round_trip(character, mapping, rows):
    """All channels at once: the mesh stands where its own shapes put it."""
    mesh = character.meshes[0]
    weights = np.random.default_rng(5).uniform(0, 1, (2, len(CHANNELS)))
    performance = Performance(weights, [0, 0.1])
    bake(performance, character, mapping, BakeOptions(tolerance=0, head="NONE", subframes=True))
    scene = bpy.context.scene
    scene.frame_set(1)
    blocks = mesh.data.shape_keys.key_blocks
    expected = coordinates(blocks[0].data)
    for channel, weight in zip(CHANNELS, weights[0], strict=True):
        for key in rows[channel]:
            expected = expected + np.float32(weight) * (
                coordinates(blocks[key].data) - coordinates(blocks[0].data)
            )
    for modifier in mesh.modifiers:
        modifier.show_viewport = False
    shown = mesh.evaluated_get(bpy.context.evaluated_depsgraph_get()).data.vertices
    size = np.ptp(expected, axis=0).max()
    assert np.abs(coordinates(shown) - expected).max() < 1e-5 * size


def coordinates(points):
    flat = np.empty(len(points) * 3, np.float32)
    points.foreach_get("co", flat)
    return flat.reshape(-1, 3)


# --- Files of other programs -----------------------------------------------------------------


@pytest.mark.shared
@NEEDS_FBX
def test_inspecting_an_fbx(shared):
    findings = inspect(shared / "rigs/face_cap/FaceCapLiveModeAvatar.fbx")
    (character,) = findings.facts["characters"]
    assert findings.facts["kind"] == "model"
    assert len(character["found"]) == 51 and character["missing"] == ["tongueOut"]
    assert character["conventions"][0]["name"] == "Face Cap"
    assert character["head_bone"] == "Head_Joint"
    assert len(character["rows"]) == 52
    assert "eyeBlinkLeft → Head: eyeBlink_L (sure, 100%)" in findings.words


# Read in a process of their own: Blender's glTF add-on and hypothesis together keep bpy 4.5 from
# ending (https://projects.blender.org/blender/blender/issues/146640).
APART = """
import sys
from mien.blender_ops.commands import main
sys.exit(main(sys.argv[1:]))
"""


def inspected(path):
    """What `mien inspect` tells of a file: its exit code, its facts, its errors."""
    facts = path.with_suffix(".json")
    result = subprocess.run(
        [sys.executable, "-c", APART, "inspect", str(path), "--json", str(facts)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    found = json.loads(facts.read_text()) if facts.exists() else {}
    facts.unlink(missing_ok=True)
    return result.returncode, found, result.stderr


def write_glb(path, keys, **extensions):
    """A binary glTF file with one mesh, "Body", that has these morph targets."""
    random = np.random.default_rng(1)
    arrays = [random.normal(size=(30, 3)).astype("<f4") for _ in range(len(keys) + 1)]
    triangles = np.array([(i, i + 1, i + 2) for i in range(28)], "<u2")
    parts = [*(array.tobytes() for array in arrays), triangles.tobytes()]
    starts = np.cumsum([0, *map(len, parts)]).tolist()
    accessors = [
        {
            "bufferView": number,
            "componentType": 5126,
            "count": 30,
            "type": "VEC3",
            "min": array.min(axis=0).tolist(),
            "max": array.max(axis=0).tolist(),
        }
        for number, array in enumerate(arrays)
    ]
    accessors.append(
        {"bufferView": len(arrays), "componentType": 5123, "count": 84, "type": "SCALAR"}
    )
    primitive = {"attributes": {"POSITION": 0}, "indices": len(arrays)}
    if keys:
        primitive["targets"] = [{"POSITION": number} for number in range(1, len(arrays))]
    document = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "name": "Body"}],
        "meshes": [{"name": "Body", "primitives": [primitive], "extras": {"targetNames": keys}}],
        "accessors": accessors,
        "bufferViews": [
            {"buffer": 0, "byteOffset": start, "byteLength": len(part)}
            for start, part in zip(starts, parts, strict=False)
        ],
        "buffers": [{"byteLength": starts[-1]}],
        "extensions": extensions,
    }
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    binary = b"".join(parts)
    path.write_bytes(
        struct.pack("<4sII", b"glTF", 2, 28 + len(text) + len(binary))
        + struct.pack("<I4s", len(text), b"JSON")
        + text
        + struct.pack("<I4s", len(binary), b"BIN\0")
        + binary
    )


@pytest.mark.parametrize("ending", [".glb", ".VRM"])
def test_inspecting_gltf_and_vrm(tmp_path, ending):
    path = tmp_path / f"someone{ending}"
    names = ["Fcl_MTH_A", "Fcl_MTH_O", "Fcl_EYE_Close_L", "Fcl_EYE_Close_R", "Fcl_ALL_Joy", "odd"]
    write_glb(path, names)
    code, facts, errors = inspected(path)
    assert code == 0, errors
    (character,) = facts["characters"]
    assert character["conventions"][0]["name"] == "VRoid Studio"
    assert character["found"]["eyeBlinkRight"] == ["Body: Fcl_EYE_Close_R"]
    assert character["unneeded"] == ["Body: Fcl_ALL_Joy"]
    assert character["unknown"] == ["Body: odd"]
    (jaw,) = [row for row in character["rows"] if row["channel"] == "jawOpen"]
    assert jaw["targets"] == [{"object": "Body", "weight": 1.0, "key": "Fcl_MTH_A"}]
    assert list(tmp_path.iterdir()) == [path]


def version_0():
    groups = [
        {"presetName": "a", "binds": [{"mesh": 0, "index": 0, "weight": 80}]},
        {"presetName": "blink", "binds": [{"mesh": 0, "index": i, "weight": 100} for i in (1, 2)]},
        {"name": "CheekPuff", "binds": [{"mesh": 0, "index": 3, "weight": 50}]},
        {"presetName": "joy", "binds": []},
    ]
    return {"VRM": {"blendShapeMaster": {"blendShapeGroups": groups}}}


def version_1():
    def bound(*binds):
        return {"morphTargetBinds": [{"node": 0, "index": i, "weight": w} for i, w in binds]}

    presets = {"aa": bound((0, 0.8)), "blink": bound((1, 1), (2, 1))}
    custom = {"cheekPuff": bound((3, 0.5))}
    return {"VRMC_vrm": {"expressions": {"preset": presets, "custom": custom}}}


@pytest.mark.parametrize("version", [version_0, version_1])
def test_a_vrm_whose_shapes_have_names_of_their_own(tmp_path, version):
    """What its expressions say fills what no name does, and is kept with the character."""
    path = tmp_path / "someone.vrm"
    write_glb(path, [f"m{n:02}" for n in range(5)], **version())
    code, facts, errors = inspected(path)
    assert code == 0, errors
    (character,) = facts["characters"]
    rows = {row["channel"]: row for row in character["rows"]}

    def weights(channel):
        return {each["key"]: each["weight"] for each in rows[channel]["targets"]}

    assert weights("jawOpen") == {"m00": 0.8}
    assert weights("eyeBlinkLeft") == weights("eyeBlinkRight") == {"m01": 0.5, "m02": 0.5}
    assert weights("cheekPuff") == {"m03": 0.5}
    assert rows["jawOpen"]["origin"] == "kept with the character"
    assert "mouthSmileLeft" in character["missing"]


@pytest.mark.parametrize(
    "odd", [{"VRM": {"blendShapeMaster": []}}, {"VRMC_vrm": {"expressions": {"preset": {"aa": 1}}}}]
)
def test_a_vrm_with_damaged_expressions_is_imported_without(tmp_path, odd):
    path = tmp_path / "odd.vrm"
    write_glb(path, ["jawOpen"], **odd)
    assert expressions_of(path) == {}
    code, facts, errors = inspected(path)
    assert code == 0, errors
    assert facts["characters"][0]["found"] == {"jawOpen": ["Body: jawOpen"]}


@pytest.mark.parametrize("ending", [".fbx", ".glb"])
def test_a_model_that_is_damaged_is_one_clear_error(tmp_path, ending):
    path = tmp_path / f"broken{ending}"
    path.write_bytes(b"nothing of the kind")
    code, facts, errors = inspected(path)
    assert (code, facts) == (1, {})
    last = errors.strip().splitlines()[-1]
    assert last.startswith("mien: Blender cannot import") and "broken" in last


def test_a_model_without_a_face(tmp_path):
    path = tmp_path / "thing.glb"
    write_glb(path, [])
    code, facts, errors = inspected(path)
    assert code == 0, errors
    assert facts["characters"] == []


def test_several_characters_are_each_reported(puppet):
    other = add_face("Other", np.eye(4, 3), [(0, 1, 2)], {"blink": np.eye(4, 3)})
    assert [each.name for each in find_characters(bpy.context.scene)] == ["Other", "Puppet"]
    assert match(find_character(other)).followed[0].name == "Plain words"
