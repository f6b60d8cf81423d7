// SPDX-License-Identifier: GPL-3.0-or-later
//
// A Flamenco job type: one shot of a shot list as tasks for many workers.
//
//   capture ──▶ bake ──▶ render 1-24 ──┐
//                   └──▶ render 25-48 ─┴──▶ film
//
// Put this file into the folder "scripts" next to the Flamenco Manager. Every worker needs
// Mien's extension in its Blender, and the same paths. Task, command and settings are those of
// https://flamenco.blender.org/usage/job-types/ and its list of commands.

const JOB_TYPE = {
    label: "Mien Shot",
    description: "Footage of a face becomes keyframes on a character, and a film of it",
    settings: [
        { key: "footage", type: "string", subtype: "file_path", required: true,
          description: "Video of the face" },
        { key: "character", type: "string", subtype: "file_path", required: true,
          description: "The .blend file of the character" },
        { key: "output", type: "string", subtype: "dir_path", required: true,
          description: "Folder for the take, the .blend and the film; its own for each shot" },
        { key: "shot", type: "string", required: true, eval: "jobname",
          description: "Name of the shot: of its files and its Action" },
        { key: "frames", type: "string", required: true,
          eval: "f'{C.scene.frame_start}-{C.scene.frame_end}'",
          description: "Frames to render. Examples: '47', '1-30', '3, 5-10'" },
        { key: "chunk_size", type: "int32", default: 24, visible: "submission",
          description: "Frames in one render task" },
        { key: "start_frame", type: "float", default: 1.0,
          description: "Scene frame at which the footage begins" },
        { key: "tolerance", type: "float", default: 0.005,
          description: "How far a curve may be off, in weight" },
        { key: "recipe", type: "string", subtype: "file_path", default: "",
          description: "A recipe's .json; empty: the take's own" },
        { key: "engine", type: "string", choices: ["", "workbench", "eevee", "cycles"],
          default: "", description: "Empty: as the character's file says" },
        { key: "audio", type: "bool", default: true,
          description: "Put the footage's sound under the film" },
    ],
};

function compileJob(job) {
    const settings = job.settings;
    const base = settings.output.replace(/[\\/]+$/, "");
    const place = {
        take: `${base}/take`,
        blend: `${base}/${settings.shot}.blend`,
        frames: `${base}/frames`,
        film: `${base}/${settings.shot}.mp4`,
    };

    const capture = task("capture", ["capture", settings.footage, "-o", place.take]);
    const bake = task("bake", bakeArguments(settings, place));
    const film = task("film", filmArguments(settings, place));
    bake.addDependency(capture);
    job.addTask(capture);
    job.addTask(bake);
    for (const chunk of frameChunker(settings.frames, settings.chunk_size)) {
        const render = task(`render-${chunk}`, renderArguments(settings, place, chunk));
        render.addDependency(bake);
        film.addDependency(render);
        job.addTask(render);
    }
    job.addTask(film);
}

// A task that runs one command of Mien in Blender.
function task(name, words) {
    const result = author.Task(name, "blender");
    result.addCommand(author.Command("exec", {
        exe: "{blender}",
        args: ["--command", "mien", ...words],
    }));
    return result;
}

function bakeArguments(settings, place) {
    const words = [
        "bake", place.take, "--blend", settings.character, "-o", place.blend,
        "--fit-range", "--action-name", settings.shot,
        `--tolerance=${settings.tolerance}`, `--start-frame=${settings.start_frame}`,
    ];
    return settings.recipe ? [...words, "--recipe", settings.recipe] : words;
}

function renderArguments(settings, place, chunk) {
    // Flamenco writes a chunk as "1-24" or "1,3,5", which Mien reads as it is.
    const words = ["stills", place.blend, "-o", place.frames, `--frames=${chunk}`];
    return settings.engine ? [...words, "--engine", settings.engine] : words;
}

function filmArguments(settings, place) {
    const words = ["film", place.frames, "-o", place.film, "--rate-of", place.blend];
    if (!settings.audio) {
        return words;
    }
    return [...words, "--audio", settings.footage, `--start-frame=${settings.start_frame}`];
}
