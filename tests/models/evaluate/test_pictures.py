# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest
from mien.models.errors import FootageError
from mien.models.evaluate.pictures import psnr, ssim


@pytest.fixture
def pictures():
    random = np.random.default_rng(0)
    picture = random.integers(0, 256, (40, 60, 3)).astype(np.uint8)
    other = np.clip(picture + random.normal(0, 20, picture.shape), 0, 255).astype(np.uint8)
    return picture, other


def test_psnr_by_hand():
    assert psnr(np.full((20, 20), 10), np.zeros((20, 20))) == pytest.approx(20 * np.log10(255 / 10))


def test_equal_pictures_are_equal(pictures):
    assert psnr(pictures[0], pictures[0]) == float("inf")
    assert ssim(pictures[0], pictures[0]) == pytest.approx(1)


def test_scikit_image_finds_the_same(pictures):
    # Imported lazily otherwise, so that one too new for this numpy would fail later.
    pytest.importorskip("skimage.metrics._structural_similarity", exc_type=ImportError)
    import skimage.metrics as skimage

    one, other = pictures
    assert psnr(one, other) == pytest.approx(skimage.peak_signal_noise_ratio(other, one))
    expected = skimage.structural_similarity(
        one,
        other,
        channel_axis=2,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        data_range=255,
    )
    assert ssim(one, other) == pytest.approx(expected, abs=1e-6)


def test_pictures_that_do_not_fit_are_refused():
    with pytest.raises(FootageError, match="different sizes"):
        psnr(np.zeros((20, 20)), np.zeros((20, 21)))
    with pytest.raises(FootageError, match="11 pixels"):
        ssim(np.zeros((10, 20)), np.zeros((10, 20)))
