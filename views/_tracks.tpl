% for one in medium.subtitles:
<track kind="subtitles" srclang="{{one.language}}" label="{{one.label}}" src="{{one.href}}"{{!" default" if one.default else ""}}>
% end
