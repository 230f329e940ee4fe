<nav class="order" aria-label="{{_("Order")}}">
% for value, label in (("newest", _("Newest")), ("taken", _("When taken"))):
<a href="?order={{value}}"{{!' aria-current="true"' if order == value else ""}}>{{label}}</a>
% end
</nav>
