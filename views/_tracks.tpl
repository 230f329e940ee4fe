% for one in medium.subtitles:
<track kind="{{"captions" if "sdh" in one.traits else "subtitles"}}" srclang="{{one.language}}" label="{{one.label}}" src="{{one.href}}"{{!" default" if one.default else ""}}>
% end
