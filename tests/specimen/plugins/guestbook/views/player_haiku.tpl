% if medium.data:
<blockquote class="haiku">
% for line in medium.data["lines"]:
<p>{{line}}</p>
% end
</blockquote>
% end
