% if medium.data.get("cover") and medium.poster:
<img class="sleeve" src="{{medium.poster}}" alt="{{_("Cover of {title}").format(title=medium.title)}}" width="320" height="320">
% end
<div class="sound" data-seek>
% if medium.waveform:
<img class="wave" src="{{medium.waveform}}" alt="{{_("Loudness of {title} over time").format(title=medium.title)}}" width="1280" height="240">
<span class="head" hidden></span>
% end
</div>
% # Only an element for films shows subtitles, also where no script runs.
% element = "video" if medium.subtitles else "audio"
<{{element}} class="player" controls preload="metadata" aria-label="{{medium.title}}">
% if medium.play:
<source src="{{medium.play}}" type="{{medium.play_type}}">
% end
% include("_tracks.tpl")
% if medium.download:
<a href="{{medium.download}}" download>{{_("Download it")}}</a>
% end
</{{element}}>
