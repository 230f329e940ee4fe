% rebase("layout.tpl", title=_("Tags"))
<div class="head"><h1>{{_("Tags")}}</h1>
{{!piece("_places.tpl", path="/tags/")}}
</div>
% if tags:
<ul class="tags">
%   for one in tags:
<li><a href="{{one["href"]}}">#{{one["tag"]}}</a></li>
%   end
</ul>
%   include("_more.tpl")
% else:
%   include("_empty.tpl", heading=_("No tags yet"), sentence=_("Tags are set when adding or changing media, and gather here what carries the same word."))
% end
