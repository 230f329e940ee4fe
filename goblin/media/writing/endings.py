"""Endings of names that promise something else than text to read, whatever the bytes are."""

# What a double click, a browser or a player would run, open or fetch.
RUN = "html htm xhtml xht shtml mht mhtml hta js jse mjs vbs vbe wsf sh bash zsh fish command bat cmd ps1 psm1 reg"
RUN += " desktop url webloc lnk exe com scr msi ps eps m3u m3u8 pls xspf asx wpl mpd smil ffconcat"
# What belongs beside another file.
BESIDE = "srt vtt ass ssa sub sbv lrc xmp aae thm mtl"
# What other kinds are known by; under these names text is a disguise, or their file is not whole.
PICTURES = "jpg jpeg jpe png apng gif webp avif avifs heic heif tif tiff bmp ico jp2 jxl psd mpo svg svgz"
CAMERAS = "dng cr2 cr3 crw nef nrw arw sr2 rw2 orf raf pef srw x3f"
FILMS = "mp4 m4v mov qt mkv webm avi wmv asf flv mpg mpeg m2v mts m2ts ts vob ogv 3gp 3g2"
SOUNDS = "mp3 m4a m4b aac flac wav ogg oga opus wma aif aiff ape wv amr mid midi"
PAPERS = "pdf doc docx xls xlsx ppt pptx odt ods odp odg rtf epub"
SOLIDS = "stl obj ply gltf glb 3mf dae fbx blend"
PACKED = "zip gz tgz bz2 xz zst 7z rar tar iso"

NOT_TEXT = frozenset(
    f".{ending}"
    for row in (RUN, BESIDE, PICTURES, CAMERAS, FILMS, SOUNDS, PAPERS, SOLIDS, PACKED)
    for ending in row.split()
)
