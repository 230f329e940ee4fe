<nav class="order" aria-label="{{_("Order")}}">
% for choice, label in (("newest", _("Newest")), ("taken", _("When taken"))):
<a href="?order={{choice}}{{"&" + get("narrowed") if get("narrowed") else ""}}"{{!' aria-current="true"' if order == choice else ""}}>{{label}}</a>
% end
</nav>
