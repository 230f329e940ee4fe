"""What the kinds video and audio share: formats, stream facts, tags, posters, waveforms, patches."""
