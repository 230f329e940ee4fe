% if medium.data.get("locked"):
<div class="sentence">
<svg class="kind" aria-hidden="true"><use href="{{asset("icons.svg")}}#pdf"/></svg>
<p>{{_("This PDF opens with a password only, so its pages cannot be shown here.")}}</p>
%   if medium.download:
<p><a class="button" href="{{medium.download}}" download>{{_("Download it")}}</a></p>
%   end
</div>
% else:
<div class="leaves">
<form class="sizes" aria-label="{{_("Size of the pages")}}">
<label><input type="radio" name="size" value="whole">{{_("Whole page")}}</label>
<label><input type="radio" name="size" value="wide" checked>{{_("To read")}}</label>
<label><input type="radio" name="size" value="large">{{_("Large")}}</label>
</form>
<div class="roll" tabindex="0" role="region" aria-label="{{_("Pages of {title}").format(title=medium.title)}}">
%   leaves = medium.leaves
%   at = medium.href + "?page="
%   if leaves.before:
<p><a class="button" rel="nofollow" href="{{at}}{{leaves.before}}">{{_("Pages {first} to {last}").format(first=leaves.before, last=leaves.asked - 1)}}</a></p>
%   end
%   for address, number, image in leaves.images:
<a class="leaf" href="{{address}}" title="{{_("Page {number} by itself").format(number=number)}}"><img src="{{address}}" width="{{image["width"]}}" height="{{image["height"]}}" alt="{{_("Page {number} of {count}").format(number=number, count=leaves.count)}}"{{!' loading="lazy"' if number > leaves.asked + 1 else ""}}></a>
%   end
%   if leaves.coming:
<div class="drawing" role="status">
<p>{{_("Pages {first} to {last} are being drawn.").format(first=leaves.first, last=leaves.last)}} <a rel="nofollow" href="{{at}}{{leaves.asked}}">{{_("Look again")}}</a></p>
<progress max="100" value="{{medium.progress or 0}}" aria-label="{{_("How far it is")}}"></progress>
</div>
%   elif leaves.missing:
<p>{{_("Some of the pages {first} to {last} could not be drawn. The file has them all.").format(first=leaves.first, last=leaves.last)}}</p>
%   end
%   if leaves.after:
<p><a class="button" rel="nofollow" href="{{at}}{{leaves.after}}">{{_("Pages {first} to {last}").format(first=leaves.after, last=min(leaves.after + leaves.group - 1, leaves.shown))}}</a></p>
%   end
%   if leaves.shown > leaves.group:
<form class="turn" method="get" action="{{medium.href}}"><label>{{_("Page")}} <input type="number" name="page" min="1" max="{{leaves.shown}}" value="{{leaves.asked}}" required></label> <span class="muted">{{_("of {count}").format(count=leaves.count)}}</span> <button class="button">{{_("Go there")}}</button></form>
%   end
%   if leaves.shown < leaves.count:
<p>{{_("{shown} of {count} pages are shown here. The file has them all.").format(shown=leaves.shown, count=leaves.count)}}</p>
%   end
</div>
</div>
% end
