% if next:
<p class="more"><a class="button" rel="next" data-more href="{{next}}">{{_("Show more")}}</a></p>
% end
