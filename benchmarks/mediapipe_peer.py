# SPDX-License-Identifier: GPL-3.0-or-later
"""MediaPipe's own Face Landmarker on a clip, in its own environment: the peer of table 1.

`python mediapipe_peer.py CLIP TASK RESULT.npz`, with `mediapipe==1.2.2` installed. Imports
nothing of Mien. Writes, a frame a row: times, seen, weights (51 channels in order of
their names), matrices, checksums of the pictures, and seconds spent in decoding, tracking
and on the whole, and by the processor.
"""

import sys
import time
import zlib

import cv2
import mediapipe
import numpy as np

CLIP, TASK, RESULT = sys.argv[1:]

tasks = mediapipe.tasks
landmarker = tasks.vision.FaceLandmarker.create_from_options(
    tasks.vision.FaceLandmarkerOptions(
        base_options=tasks.BaseOptions(model_asset_path=TASK),
        running_mode=tasks.vision.RunningMode.VIDEO,
        output_face_blendshapes=True,
        output_facial_transformation_matrixes=True,
    )
)
capture = cv2.VideoCapture(CLIP)
rate = capture.get(cv2.CAP_PROP_FPS)
rows = []
before, used_before = time.perf_counter(), time.process_time()
milliseconds = -1
while True:
    began = time.perf_counter()
    read, picture = capture.read()
    if not read:
        break
    stamp = round(capture.get(cv2.CAP_PROP_POS_MSEC))
    milliseconds = stamp if stamp > milliseconds else round(milliseconds + 1000 / rate)
    image = mediapipe.Image(
        image_format=mediapipe.ImageFormat.SRGB, data=cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
    )
    decoded = time.perf_counter()
    result = landmarker.detect_for_video(image, milliseconds)
    tracked = time.perf_counter()
    seen = bool(result.face_landmarks)
    if seen:
        scores = {score.category_name: score.score for score in result.face_blendshapes[0]}
        weights = [scores[name] for name in sorted(scores) if name != "_neutral"]
        matrix = result.facial_transformation_matrixes[0]
        points = [(point.x, point.y, point.z) for point in result.face_landmarks[0]]
    else:
        weights, matrix, points = np.zeros(51), np.zeros((4, 4)), np.zeros((478, 3))
    rows.append(
        {
            "times": milliseconds / 1000,
            "seen": seen,
            "weights": weights,
            "matrices": matrix,
            "points": points,
            "pixels": zlib.crc32(picture),
            "decoding": decoded - began,
            "tracking": tracked - decoded,
        }
    )
whole = time.perf_counter() - before
processor = time.process_time() - used_before
landmarker.close()
columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
np.savez(RESULT, whole=whole, processor=processor, version=mediapipe.__version__, **columns)
