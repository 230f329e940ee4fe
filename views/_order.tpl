<nav class="order" aria-label="{{_("Order")}}">
% for choice, label in (("newest", _("Newest")), ("taken", _("When taken"))):
<a href="?order={{choice}}{{"&" + narrowed if narrowed else ""}}"{{!' aria-current="true"' if order == choice else ""}}>{{label}}</a>
% end
</nav>
