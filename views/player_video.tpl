% shown = medium.data.get("shown") or (medium.width or 1280, medium.height or 720)
<video class="picture" controls preload="metadata" playsinline\\
% if medium.poster:
 poster="{{medium.poster}}"\\
% end
 width="{{shown[0]}}" height="{{shown[1]}}" aria-label="{{medium.title}}"\\
% if medium.animated:
 loop\\
% end
>
% if medium.play:
<source src="{{medium.play}}" type="{{medium.play_type}}">
% end
% include("_tracks.tpl")
% if medium.download:
<p>{{_("Your browser cannot play this.")}} <a href="{{medium.download}}" download>{{_("Download it")}}</a></p>
% end
</video>
% if medium.qualities:
<nav class="qualities" data-qualities aria-label="{{_("Quality")}}">
%   for one in medium.qualities:
<a href="{{one.href}}" data-side="{{one.side}}" data-source="{{one.address}}" data-type="{{one.type}}"{{!' aria-current="true"' if one.chosen else ""}} title="{{size(one.bytes)}}">{{one.side}}p</a>
%   end
</nav>
% end
