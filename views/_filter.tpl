<details class="fold filter"{{!" open" if filter.kind else ""}}><summary>{{_("Filter")}}</summary>
<nav class="order" aria-label="{{_("Kind")}}">
<a href="{{filter.everything}}"{{!"" if filter.kind else ' aria-current="true"'}}>{{_("Everything")}}</a>
% for label, href, current in filter.kinds:
<a href="{{href}}"{{!' aria-current="true"' if current else ""}}>{{_(label)}}</a>
% end
</nav>
% if filter.facts:
<form method="get">
%   for name, given in [*filter.by, ("kind", filter.kind)]:
<input type="hidden" name="{{name}}" value="{{given}}">
%   end
<div class="columns">
%   for name, label, given, type_ in filter.facts:
<div class="field"><label for="fact-{{name}}">{{_(label)}}</label><input id="fact-{{name}}" name="{{name}}" value="{{given}}" autocomplete="off" placeholder="{{"" if type_ is str else _("such as 10- or 5-20")}}"></div>
%   end
</div>
<p class="actions"><button class="button primary">{{_("Show these")}}</button></p>
</form>
% end
</details>
