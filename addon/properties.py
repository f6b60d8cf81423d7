# SPDX-License-Identifier: GPL-3.0-or-later
"""What Mien keeps in a scene: `scene.mien`.

All of it is Blender data, so it is saved with the file and Ctrl-Z undoes a change of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)
from bpy.types import PropertyGroup

from ..blender_ops import bake_options
from ..models.arkit import REGIONS
from .expression_settings import MienExpressionSettings
from .face_preview import MienPreviewSettings
from .key_settings import KeySettings
from .live_face import MienLiveSettings
from .preferences import relative_path_option
from .recipe_stack import MienRecipeStep, follow_recipe
from .take_in_use import choose_place, chosen_place
from .take_memory import MienUsedTake
from .translations import CONTEXT

if TYPE_CHECKING:
    from ..models.recipe import Recipe

HEAD_TARGETS = (
    ("AUTO", "Automatic", "The character's head bone where it has one, otherwise an empty"),
    ("BONE", "Head Bone", "Turn the character's head bone"),
    ("EMPTY", "Empty", "Turn an empty, which anything can be parented to or constrained by"),
    ("NONE", "None", "Leave the head as it is"),
)

EYES_BY = (
    ("AUTO", "Automatic", "Eye bones where there are any, with keys that move only the lids"),
    ("BONES", "Bones", "Turn the eye bones; keys that would turn the eyes as well stay at 0"),
    ("KEYS", "Face Keys", "Use the eyeLook keys; the eye bones stay at rest"),
)

# One place for what the scene and the Bake operator say in the same words.
START_FRAME: dict[str, Any] = {
    "name": "Start Frame",
    "description": "The scene frame on which the take begins",
    "default": 1,
}
TOLERANCE: dict[str, Any] = {
    "name": "Tolerance",
    "description": (
        "How far a curve may lie from the captured values. More gives fewer keys; "
        "0 gives a key on every frame"
    ),
    "default": 0.005,
    "min": 0.0,
    "max": 1.0,
    "soft_max": 0.05,
    "step": 0.1,
    "precision": 3,
}
HEAD: dict[str, Any] = {
    "name": "Head",
    "description": "What the movement of the head is baked on",
    "items": HEAD_TARGETS,
    "default": "AUTO",
}
NECK_SHARE: dict[str, Any] = {
    "name": "Neck",
    "description": "How much of the head's turn the neck makes, where the character has neck bones",
    "default": bake_options.NECK_SHARE,
    "min": 0.0,
    "max": 1.0,
    "subtype": "FACTOR",
}
EYES: dict[str, Any] = {
    "name": "Eyes",
    "description": "What turns the eyes of a character that has both bones and keys for it",
    "items": EYES_BY,
    "default": "AUTO",
}
SUBFRAMES: dict[str, Any] = {
    "name": "Between Frames",
    "description": (
        "Keep every captured sample, at sub-frames where the footage and the scene run at "
        "different rates. Otherwise sampled on whole frames"
    ),
    "default": False,
}
MARKERS: dict[str, Any] = {
    "name": "Mark Lost Face",
    "description": "Set timeline markers where no face was seen",
    "default": True,
}
REFINE_STRENGTH: dict[str, Any] = {
    "name": "Strength",
    "description": (
        "How far tremble, freezes and losses are undone: 0 leaves the take as it is, "
        "1 trusts the refiner alone"
    ),
    "default": 0.9,
    "min": 0.0,
    "max": 1.0,
    "subtype": "FACTOR",
}
REFINED: dict[str, Any] = {
    "name": "Refined",
    "description": "The next bake shows the take after refining, otherwise before",
    "default": True,
}


CURVES_OF: dict[str, Any] = {
    "name": "Curves",
    "description": "Which channels are drawn, those that move most",
    "items": [
        ("ALL", "Whole Face", "Of all channels"),
        *((name, name.capitalize(), f"Of the {name}") for name in REGIONS),
    ],
    "default": "ALL",
}


class MienSceneSettings(KeySettings, PropertyGroup):
    """The footage, the take that is in use, its recipe, and how it is baked."""

    footage: StringProperty(
        name="Footage",
        description="A video of a face, or the first picture of a sequence",
        subtype="FILE_PATH",
        options=relative_path_option(),
    )
    solver: EnumProperty(
        name="Solver",
        description="Whose reading of the face makes the weights",
        items=(
            ("mien", "Mien", "Mien's own: sees cheeks and nose, too, and knows the face at rest"),
            ("blendshapes", "MediaPipe", "Google's blendshape network, as other tools use it"),
        ),
        default="mien",
    )
    face: IntProperty(
        name="Face",
        translation_context=CONTEXT,
        description=(
            "Which face to capture where the footage shows several: 1 is the largest, 2 the next. "
            "Each becomes a take of its own, to be baked on a character of its own"
        ),
        default=1,
        min=1,
        soft_max=4,
    )

    take: StringProperty(
        name="Take",
        description="The captured take in use: a folder, or a CSV of another app",
        subtype="FILE_PATH",
        options=relative_path_option(),
        update=follow_recipe,
    )
    take_frames: IntProperty(name="Frames", description="Samples in the take")
    take_duration: FloatProperty(
        name="Length",
        description="From the take's first sample to its last",
        subtype="TIME_ABSOLUTE",
        unit="TIME_ABSOLUTE",
    )
    take_rate: FloatProperty(name="Rate", description="Samples a second")
    take_seen: FloatProperty(
        name="Face Seen", description="Share of the take in which a face was seen"
    )
    take_report: StringProperty(name="Report", description="What the capture had to say")
    show_landmarks: BoolProperty(
        name="Landmarks",
        translation_context=CONTEXT,
        description="Draw what was tracked of the face over the footage, in the camera's view",
        default=False,
    )
    takes_used: CollectionProperty(type=MienUsedTake)
    take_index: IntProperty(
        name="Take",
        description="The take in use: its place in the list",
        options={"SKIP_SAVE"},
        get=chosen_place,
        set=choose_place,
    )

    recipe: StringProperty(
        name="Recipe",
        description="What is done to the take before it is baked, as JSON; empty = the take's own",
        update=follow_recipe,
    )
    recipe_stack: CollectionProperty(type=MienRecipeStep)
    recipe_index: IntProperty(
        name="Step",
        translation_context=CONTEXT,
        description="The step whose settings are shown below",
    )
    stack_is_busy: BoolProperty(options={"HIDDEN", "SKIP_SAVE"})

    refine_strength: FloatProperty(**REFINE_STRENGTH)
    refined: BoolProperty(**REFINED)
    expression: PointerProperty(type=MienExpressionSettings)
    live: PointerProperty(type=MienLiveSettings)
    preview: PointerProperty(type=MienPreviewSettings)

    start_frame: IntProperty(**START_FRAME)
    tolerance: FloatProperty(**TOLERANCE)
    head: EnumProperty(**HEAD)
    neck_share: FloatProperty(**NECK_SHARE)
    eyes: EnumProperty(**EYES)
    subframes: BoolProperty(**SUBFRAMES)
    markers: BoolProperty(**MARKERS)
    bake_report: StringProperty(name="Last Bake", description="What the last bake did")
    curves_of: EnumProperty(**CURVES_OF)
    forecast: StringProperty(name="Keys", description="What the next bake will write")
    forecast_for: StringProperty(description="With what settings that was found out")


def recipe_of(settings: MienSceneSettings) -> Recipe | None:
    """The scene's recipe; None where the take's own is to be used.

    Raises RecipeError if the scene's text is no recipe.
    """
    from ..models.recipe import Recipe

    return Recipe.from_json(settings.recipe) if settings.recipe else None
