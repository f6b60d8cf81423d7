"""Small files of each format, written out by hand as the apps write them."""

import io

import numpy as np

FACE_CAP = (
    "info,Face Cap export,any words\n"
    "bs,browInnerUp,eyeBlink_L,eyeBlink_R,jawOpen,jawLeft,mouthSmile_L\n"
    "k,0,1.0,2.0,-40.0,10.0,20.0,5.0,3.0,-4.0,3.5,-4.5,0.1,0.2,0.3,0.4,0.5,0.6\n"
    "k,17,1.0,2.0,-40.0,10.5,20.0,5.0,3.0,-4.0,3.5,-4.5,0.15,0.25,0.35,0.45,0.55,0.65\n"
    "k,33,1.0,2.0,-40.5,11.0,20.0,5.0,3.0,-4.0,3.5,-4.5,0.2,0.3,0.4,0.5,0.6,0.7\n"
    "k,50,1.0,2.0,-40.5,11.5,20.0,5.0,3.0,-4.0,3.5,-4.5,0.25,0.35,0.45,0.55,0.65,0.75\n"
)

# The frame that the app's page for developers shows.
IFACIALMOCAP_FRAME = (
    "mouthSmile_R-0|eyeLookOut_L-0|mouthUpperUp_L-11|eyeWide_R-0|mouthClose-8|mouthPucker-4|"
    "mouthRollLower-9|eyeBlink_R-7|eyeLookDown_L-17|cheekSquint_R-11|eyeBlink_L-7|tongueOut-0|"
    "jawRight-0|eyeLookIn_R-6|cheekSquint_L-11|mouthDimple_L-10|mouthPress_L-4|eyeSquint_L-11|"
    "mouthRight-0|mouthShrugLower-9|eyeLookUp_R-0|eyeLookOut_R-0|mouthPress_R-5|cheekPuff-2|"
    "jawForward-11|mouthLowerDown_L-9|mouthFrown_L-6|mouthShrugUpper-26|browOuterUp_L-4|"
    "browInnerUp-20|mouthDimple_R-10|browDown_R-0|mouthUpperUp_R-10|mouthRollUpper-8|"
    "mouthFunnel-12|mouthStretch_R-21|mouthFrown_R-13|eyeLookDown_R-17|jawOpen-12|jawLeft-0|"
    "browDown_L-0|mouthSmile_L-0|noseSneer_R-18|mouthLowerDown_R-8|noseSneer_L-21|eyeWide_L-0|"
    "mouthStretch_L-21|browOuterUp_R-4|eyeLookIn_L-4|eyeSquint_R-11|eyeLookUp_L-0|mouthLeft-1|"
    "=head#-21.488958,-6.038993,-6.6019735,-0.030653415,-0.10287084,-0.6584072|"
    "rightEye#6.0297494,2.4403017,0.25649446|leftEye#6.034903,-1.6660284,-0.17520553|"
)
IFACIALMOCAP = "\n".join([IFACIALMOCAP_FRAME] * 4) + "\n"

AUDIO2FACE = (
    '{\n "exportFps": 30.0,\n "trackPath": "speech.wav",\n "numPoses": 3,\n "numFrames": 4,\n'
    ' "facsNames": ["jawOpen", "mouthSmileLeft", "eyeBlinkRight"],\n'
    ' "weightMat": [\n  [0.0, 0.1, 0.2],\n  [0.3, 0.4, 0.5],\n  [0.6, 0.7, 0.8],\n'
    "  [0.9, 1.0, 0.0]\n ]\n}\n"
)

ARKIT_JSON = (
    '{"frames": [\n'
    '{"time": 0.0, "blendShapes": {"jawOpen": 0.1, "eyeBlinkLeft": 0.2}},\n'
    '{"time": 0.02, "blendShapes": {"jawOpen": 0.3, "eyeBlinkLeft": 0.4}},\n'
    '{"time": 0.05, "blendShapes": {"jawOpen": 0.5, "eyeBlinkLeft": 0.6}}\n]}\n'
)

_OPENFACE_COLUMNS = (
    "frame, face_id, timestamp, confidence, success, gaze_0_x, gaze_0_y, gaze_0_z, gaze_1_x, "
    "gaze_1_y, gaze_1_z, pose_Tx, pose_Ty, pose_Tz, pose_Rx, pose_Ry, pose_Rz, AU01_r, AU12_r, "
    "AU26_r, AU45_r, AU12_c"
)
OPENFACE = (
    f"{_OPENFACE_COLUMNS}\n"
    "1, 0, 0.000, 0.98, 1, 0.11, 0.06, -0.99, -0.12, 0.07, -0.99, 16, 43, 598, 0.3, -0.06, "
    "-0.02, 0.68, 2.50, 0.00, 0.00, 1\n"
    "2, 0, 0.033, 0.98, 1, 0.11, 0.06, -0.99, -0.12, 0.07, -0.99, 16, 43, 598, 0.3, -0.06, "
    "-0.02, 1.00, 5.00, 1.25, 0.00, 1\n"
    "3, 0, 0.067, 0.00, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.00, 0.00, 0.00, 0.00, 0\n"
    "4, 0, 0.100, 0.95, 1, 0.11, 0.06, -0.99, -0.12, 0.07, -0.99, 16, 43, 598, 0.2, -0.06, "
    "-0.02, 1.50, 0.00, 2.50, 5.00, 0\n"
)

PY_FEAT = (
    "FaceRectX,FaceRectY,FaceScore,Pitch,Roll,Yaw,AU01,AU12,AU43,jawOpen,eyeBlinkLeft,"
    "input,frame,approx_time,Identity\n"
    "231,213,0.99,0.07,0.05,-0.02,0.5,1.0,0.0,0.25,0.75,001.mp4,0,00:00,Person_0\n"
    "231,213,0.99,0.07,0.05,-0.02,0.5,0.5,0.0,0.50,0.50,001.mp4,1,00:00,Person_0\n"
    ",,,,,,,,,,,001.mp4,2,00:01,Person_0\n"
    "231,213,0.98,0.07,0.05,-0.02,0.0,0.0,1.0,0.00,1.00,001.mp4,3,00:01,Person_0\n"
    "231,213,0.98,0.07,0.05,-0.02,0.0,0.0,1.0,0.00,1.00,001.mp4,4,00:02,Person_0\n"
)


def facegood(**changes):
    """The bytes of an archive of four frames; `changes` replace arrays, None takes one away."""
    arrays = {
        "weights": np.linspace(0, 1, 12, dtype=np.float32).reshape(4, 3),
        "channels": np.array(["mouth_stretch_c", "mouth_press_l", "tooth_l"]),
        "fps": np.int64(30),
    } | changes
    stream = io.BytesIO()
    np.savez(stream, **{name: array for name, array in arrays.items() if array is not None})
    return stream.getvalue()


TEXTS = {
    "face-cap": FACE_CAP,
    "ifacialmocap": IFACIALMOCAP,
    "audio2face": AUDIO2FACE,
    "arkit-json": ARKIT_JSON,
    "openface": OPENFACE,
    "py-feat": PY_FEAT,
}
