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
%   count = medium.data.get("facts", {}).get("pages") or len(medium.page_images)
%   for address, number, image in medium.page_images:
<a class="leaf" href="{{address}}" title="{{_("Page {number} by itself").format(number=number)}}"><img src="{{address}}" width="{{image["width"]}}" height="{{image["height"]}}" alt="{{_("Page {number} of {count}").format(number=number, count=count)}}"{{!' loading="lazy"' if number > 2 else ""}}></a>
%   end
%   if len(medium.page_images) < count:
<p>{{_("{shown} of {count} pages are shown here. The file has them all.").format(shown=len(medium.page_images), count=count)}}</p>
%   end
</div>
</div>
% end
