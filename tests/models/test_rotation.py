import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from mien.models import rotation
from scipy.spatial.transform import Rotation

angle = st.floats(-np.pi, np.pi)
pitch = st.floats(-1.5, 1.5)


def as_scipy(quaternions):
    return Rotation.from_quat(np.asarray(quaternions)[..., [1, 2, 3, 0]])


def some(count=200, seed=0):
    return rotation.normalised(np.random.default_rng(seed).normal(size=(count, 4)))


@given(angle, pitch, angle)
def test_yaw_pitch_roll_is_intrinsic_y_x_z_and_comes_back(yaw, pitch, roll):
    quaternion = rotation.from_yaw_pitch_roll([yaw, pitch, roll])
    expected = Rotation.from_euler("YXZ", [yaw, pitch, roll])
    assert (as_scipy(quaternion).inv() * expected).magnitude() < 1e-7
    back = rotation.from_yaw_pitch_roll(rotation.to_yaw_pitch_roll(quaternion))
    assert abs(np.dot(back, quaternion)) > 1 - 1e-12


def test_straight_up_and_down_come_back():
    for pitch in (np.pi / 2, -np.pi / 2):
        quaternion = rotation.from_yaw_pitch_roll([0.3, pitch, 0.4])
        angles = rotation.to_yaw_pitch_roll(quaternion)
        assert angles[2] == 0
        assert abs(np.dot(rotation.from_yaw_pitch_roll(angles), quaternion)) > 1 - 1e-9


def test_product_inverse_and_turned_points_agree_with_scipy():
    first, second = some(seed=1), some(seed=2)
    points = np.random.default_rng(3).normal(size=(200, 3))
    product = as_scipy(rotation.multiply(first, second))
    assert (product.inv() * as_scipy(first) * as_scipy(second)).magnitude().max() < 1e-7
    np.testing.assert_allclose(rotation.turned(first, points), as_scipy(first).apply(points))
    back = rotation.turned(rotation.inverse(first), rotation.turned(first, points))
    np.testing.assert_allclose(back, points, atol=1e-12)


def test_continuous_changes_signs_only_and_leaves_no_jump():
    walk = some(1)[0] + np.cumsum(np.random.default_rng(4).normal(0, 0.02, (300, 4)), axis=0)
    walk = rotation.normalised(walk)
    signs = np.random.default_rng(5).choice([-1.0, 1.0], 300)[:, None]
    result = rotation.continuous(walk * signs)
    assert (np.sum(result[1:] * result[:-1], axis=1) > 0).all()
    np.testing.assert_array_equal(np.abs(result), np.abs(walk))


@given(st.floats(0, 1), st.integers(0, 1000))
def test_slerp_goes_its_share_of_the_short_way(share, seed):
    first, second = some(2, seed)
    middle = rotation.slerp(first, second, share)
    whole = (as_scipy(first).inv() * as_scipy(second)).magnitude()
    part = (as_scipy(first).inv() * as_scipy(middle)).magnitude()
    assert abs(part - share * whole) < 1e-6


def test_the_mean_of_turns_to_both_sides_is_the_middle_whatever_their_signs():
    sides = rotation.from_yaw_pitch_roll([[0.2, 0.1, 0], [-0.2, 0.1, 0]])
    sides[1] *= -1
    np.testing.assert_allclose(
        rotation.mean(sides), rotation.from_yaw_pitch_roll([0, 0.1, 0]), atol=1e-3
    )


def test_a_rotation_vector_is_axis_times_angle():
    quarter = np.sqrt(0.5)
    turns = [[1, 0, 0, 0], [quarter, 0, quarter, 0], [-quarter, -quarter, 0, 0]]
    vectors = rotation.to_vectors(turns)
    np.testing.assert_allclose(
        vectors, [[0, 0, 0], [0, np.pi / 2, 0], [np.pi / 2, 0, 0]], atol=1e-12
    )


def test_rotation_vectors_lead_there_and_back():
    vectors = np.random.default_rng(0).normal(0, 0.8, (50, 3))
    np.testing.assert_allclose(rotation.to_vectors(rotation.from_vectors(vectors)), vectors)
    np.testing.assert_allclose(rotation.from_vectors([0.0, 0, 0]), [1, 0, 0, 0])
