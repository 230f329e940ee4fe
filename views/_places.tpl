<nav class="order places" aria-label="{{_("Look around")}}">
% for address, label in (("/", _("Everything")), ("/people/", _("People")), ("/collections/", _("Collections")), ("/tags/", _("Tags"))):
<a href="{{url(address)}}"{{!' aria-current="page"' if address == path else ""}}>{{label}}</a>
% end
</nav>
