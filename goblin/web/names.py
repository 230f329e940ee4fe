"""What kinds of media, their facts and their options are called on pages."""

from goblin import media

# In the order in which they are offered; what plugins bring follows under names of its own.
KINDS = {
    "image": "Pictures",
    "video": "Films",
    "audio": "Sounds",
    "svg": "Drawings",
    "pdf": "PDF documents",
    "office": "Letters, sheets and slides",
    "model": "3D models",
    "text": "Texts",
    "file": "Other files",
}
# What is said of a medium, in this order; what else a kind of media brings follows under its own names.
FACTS = {
    "artist": "Artist",
    "album": "Album",
    "track": "Track",
    "year": "Year",
    "genre": "Genre",
    "camera": "Camera",
    "lens": "Lens",
    "exposure": "Exposure time",
    "aperture": "Aperture",
    "iso": "Sensitivity",
    "focal": "Focal length",
    "frames": "Frames",
    "codecs": "Format",
    "tracks": "Tracks of sound",
    "fps": "Frames per second",
    "channels": "Channels",
    "triangles": "Triangles",
    "dimensions": "Dimensions",
}
# Facts that a page says better by another, and a filter by these names.
FACTS_ASKED = {
    "size_x": "Width (model units)",
    "size_y": "Height (model units)",
    "size_z": "Depth (model units)",
    "codec": "Format (codec)",
    "audio_codec": "Sound (codec)",
    "rotation": "Turned by (degrees)",
    "lines": "Lines",
    "columns": "Longest line",
    "printed_pages": "Pages",
    "writer": "Author",
}
STEPS = {
    "facts": "What is known of it",
    "thumbs": "Pictures for lists and pages",
    "transcode": "A copy that browsers play",
    "motion": "The film of a photo that moves",
    "renditions": "Smaller copies for slow lines",
    "subtitles": "Subtitles inside films",
    "mesh": "The model that can be turned",
    "pages": "Pages of documents",
    "more": "Further pages of documents",
}
OPTIONS = {
    "sizes": "Sizes of the copies",
    "large": "Large view",
    "quality": "Quality",
    "pixels": "Most pixels",
    "frames": "Most frames",
    "height": "Height of the copy",
    "crf": "Quality of the copy (CRF)",
    "preset": "Effort (preset)",
    "renditions": "Smaller copies",
    "encoder": "Encoder",
    "threads": "Processor cores",
    "audio_bitrate": "Quality of the sound",
    "ogg_copy": "Copies of Ogg sounds",
    "patience": "Patience",
    "page": "Size of pages",
    "ahead": "Pages drawn ahead",
    "pages": "Most pages",
    "triangles": "Triangles shown",
    "most": "Most triangles",
    "characters": "Most characters",
}


def of_kind(kind: str) -> str:
    """A kind in words: Pictures."""
    return KINDS.get(kind) or _plainly(kind)


def of_fact(name: str) -> str:
    """A fact's name in words."""
    return FACTS.get(name) or FACTS_ASKED.get(name) or _plainly(name)


def of_step(name: str) -> str:
    """A step of the preparation in words."""
    return STEPS.get(name) or _plainly(name)


def of_option(name: str) -> str:
    """An option's name in words."""
    return OPTIONS.get(name) or _plainly(name)


def _plainly(name):
    return name.replace("_", " ").capitalize()


def kinds() -> list[tuple[str, str]]:
    """Every kind there can be and its words, in the order in which they are offered."""
    known = [
        *(kind for kind in KINDS if kind in media.TYPES),
        *(k for k in sorted(media.TYPES) if k not in KINDS),
    ]
    return [(kind, of_kind(kind)) for kind in known]
