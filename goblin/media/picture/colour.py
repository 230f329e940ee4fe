"""Brings any picture to eight bits of sRGB, grey or RGB, with transparency only where there is some."""

from __future__ import annotations

import io

from PIL import Image, ImageCms

PLAIN = {"L", "RGB", "LA", "RGBA"}


def plain(image: Image.Image) -> Image.Image:
    """A picture in mode L, RGB or RGBA, in sRGB, that carries nothing but its pixels."""
    profile = image.info.get("icc_profile")
    image = _eight_bits(image)
    if profile:
        image = _to_srgb(image, profile)
    image = _opaque(_known_mode(image))
    if image.info:
        image = image.copy()
        image.info = {}
    return image


def _eight_bits(image: Image.Image) -> Image.Image:
    """Scale deep greys down; converting them directly would clip everything above 255 to white."""
    if image.mode.startswith("I;16"):
        return image.point(lambda value: value * (1 / 257)).convert("L")
    if image.mode in ("I", "F"):
        low, high = image.getextrema()
        if image.mode == "I" and low >= 0 and high <= 0xFFFF:
            low, high = 0, 0xFFFF
        scale = 255 / (high - low) if high > low else 1
        return image.point(lambda value: value * scale + -low * scale).convert("L")
    return image


def _known_mode(image: Image.Image) -> Image.Image:
    if "transparency" in image.info or image.mode in ("PA", "RGBa", "La"):
        return image.convert("RGBA")
    if image.mode == "1":
        return image.convert("L")
    return image if image.mode in PLAIN else image.convert("RGB")


def _opaque(image: Image.Image) -> Image.Image:
    """Drop a transparency that hides nothing."""
    if image.mode not in ("LA", "RGBA"):
        return image
    if image.getchannel("A").getextrema()[0] == 255:
        return image.convert("L" if image.mode == "LA" else "RGB")
    return image.convert("RGBA")


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Follow an embedded colour profile; one that is damaged or of another kind of colour is passed over."""
    try:
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(given):
            return image
        return _transformed(image, given)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image


def _transformed(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    if image.mode not in ("L", "RGB", "CMYK", "LAB"):
        image = _known_mode(image)
    alpha = image.getchannel("A") if image.mode in ("LA", "RGBA") else None
    bare = image.convert(image.mode[:-1]) if alpha else image
    space = profile.profile.xcolor_space.strip()
    if bare.mode == "L" and space == "RGB":
        bare = bare.convert("RGB")
    after = ImageCms.profileToProfile(bare, profile, ImageCms.createProfile("sRGB"), outputMode="RGB")
    if alpha:
        after.putalpha(alpha)
    return after
