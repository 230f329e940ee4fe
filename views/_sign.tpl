<span class="sign">\\
% if tile.visibility == "private":
<b class="lock" role="img" aria-label="{{_("Only for you")}}"></b>\\
% end
% if tile.kind == "video":
<b class="play" role="img" aria-label="{{_("Video")}}"></b>\\
% elif tile.kind == "audio":
<b class="sound" role="img" aria-label="{{_("Sound")}}"></b>\\
% elif tile.kind == "model":
<b>3D</b>\\
% elif tile.animated:
<b>{{_("moving")}}</b>\\
% end
% if tile.duration:
<b>{{clock(tile.duration)}}</b>\\
% elif tile.pages:
<b>{{_("{count} pages").format(count=tile.pages)}}</b>\\
% end
</span>\\
