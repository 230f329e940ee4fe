<aside class="side" aria-label="{{_("About it")}}">
% if medium.facts:
<details class="fold" open><summary>{{_("Facts")}}</summary>
<dl class="facts">
%   for label, fact in medium.facts:
<div><dt>{{label}}</dt><dd>{{fact}}</dd></div>
%   end
</dl></details>
% end
<details class="fold" open><summary>{{_("File")}}</summary>
<dl class="facts">
<div><dt>{{_("Name")}}</dt><dd>{{medium.name}}</dd></div>
<div><dt>{{_("Size")}}</dt><dd>{{size(medium.bytes)}}</dd></div>
% if medium.width and medium.height and medium.kind not in ("pdf", "text"):
<div><dt>{{_("Pixels")}}</dt><dd>{{medium.width}} × {{medium.height}}</dd></div>
% end
% if medium.duration:
<div><dt>{{_("Length")}}</dt><dd>{{clock(medium.duration)}}</dd></div>
% end
% if medium.original:
<div><dt>{{_("Original")}}</dt><dd><a href="{{medium.original}}" download>{{_("as it was added")}}</a></dd></div>
% end
</dl></details>
% if medium.attachments:
<details class="fold" open><summary>{{_("Attachments")}}</summary>
<ul class="files">
%   for one in medium.attachments:
<li><a href="{{one.href}}" download>{{one.name}}</a> <span class="muted">{{size(one.bytes)}}</span></li>
%   end
</ul></details>
% end
% if medium.location:
<details class="fold" open><summary>{{_("Place")}}</summary>
<p><a href="geo:{{medium.location["lat"]}},{{medium.location["lon"]}}">{{"%.4f, %.4f" % (medium.location["lat"], medium.location["lon"])}}</a></p></details>
% end
<details class="fold" open><summary>{{_("Licence")}}</summary>
% if medium.license:
<p><a rel="license" href="{{medium.license}}">{{medium.licence}}</a></p>
% else:
<p>{{medium.licence}}</p>
% end
</details>
% if medium.collections:
<details class="fold" open><summary>{{_("Collections")}}</summary>
<ul>
%   for title, href in medium.collections:
<li><a href="{{href}}">{{title}}</a></li>
%   end
</ul></details>
% end
</aside>
