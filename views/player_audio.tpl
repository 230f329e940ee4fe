% if medium.data.get("cover") and medium.poster:
<img class="sleeve" src="{{medium.poster}}" alt="{{_("Cover of {title}").format(title=medium.title)}}" width="320" height="320">
% end
<div class="sound" data-seek>
% if medium.waveform:
<img class="wave" src="{{medium.waveform}}" alt="{{_("Loudness of {title} over time").format(title=medium.title)}}" width="1280" height="240">
<span class="head" hidden></span>
% end
</div>
<audio controls preload="metadata" aria-label="{{medium.title}}">
% if medium.play:
<source src="{{medium.play}}" type="{{medium.play_type}}">
% end
% include("_tracks.tpl")
% if medium.download:
<a href="{{medium.download}}" download>{{_("Download it")}}</a>
% end
</audio>
% if medium.subtitles:
<p class="cues with-script" role="status" aria-live="off"></p>
<p class="cues-choice with-script"><label>{{_("Subtitles")}} <select autocomplete="off">
<option value="">{{_("none")}}</option>
%   for number, one in enumerate(medium.subtitles):
<option value="{{number}}" lang="{{one.language}}"{{!" selected" if one.default else ""}}>{{one.label}}</option>
%   end
</select></label></p>
<p class="without-script">{{_("To read along:")}}\\
%   for one in medium.subtitles:
 <a href="{{one.href}}" lang="{{one.language}}">{{one.label}}</a>\\
%   end
</p>
% end
