<details class="fold filter"{{!" open" if filter.kind or filter.wrong else ""}}><summary>{{_("Filter")}}</summary>
<nav class="order" aria-label="{{_("Kind")}}">
<a href="{{filter.everything}}"{{!"" if filter.kind else ' aria-current="true"'}}>{{_("Everything")}}</a>
% for label, href, current in filter.kinds:
<a href="{{href}}"{{!' aria-current="true"' if current else ""}}>{{_(label)}}</a>
% end
</nav>
% if filter.wrong:
<p class="wrong" role="alert">{{filter.wrong}}</p>
% end
% if filter.facts:
<form method="get">
%   for name, given in [*filter.by, ("kind", filter.kind)]:
<input type="hidden" name="{{name}}" value="{{given}}">
%   end
<div class="columns">
%   for fact in filter.facts:
<div class="field"><label for="fact-{{fact.name}}">{{_(fact.label)}}</label><input id="fact-{{fact.name}}" name="{{fact.name}}" value="{{fact.value}}" autocomplete="off" placeholder="{{_(fact.example)}}"{{!' list="there-%s"' % fact.name if fact.options else ""}}{{!' aria-invalid="true" aria-describedby="fact-%s-wrong"' % fact.name if fact.wrong else ""}}>
%     if fact.wrong:
<p class="wrong" id="fact-{{fact.name}}-wrong">{{fact.wrong}}</p>
%     end
%     if fact.options:
<datalist id="there-{{fact.name}}">
%       for one in fact.options:
<option value="{{one}}"></option>
%       end
</datalist>
%     end
</div>
%   end
</div>
<p class="muted">{{_("Of words a part is enough. Of numbers, 10- is ten and more, -10 is up to ten.")}}</p>
<p class="actions"><button class="button primary">{{_("Show these")}}</button></p>
</form>
% end
</details>
