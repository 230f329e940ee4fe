% kind = get("kind", "text")
% hint = get("hint", "")
% trouble = wrong.get(name, "")
% value = fields.get(name, get("value", "")) if kind != "password" else ""
% about = " ".join(part for part, there in ((name + "-hint", hint), (name + "-wrong", trouble)) if there)
<div class="field">
<label for="{{name}}">{{label}}</label>
% if kind == "area":
<textarea id="{{name}}" name="{{name}}" rows="{{get("rows", 4)}}"\\
% else:
<input id="{{name}}" name="{{name}}" type="{{kind}}" value="{{value or ""}}"\\
% end
{{!' autocomplete="%s"' % complete if get("complete") else ""}}{{!' list="%s"' % options if get("options") else ""}}{{!" required" if get("needed") else ""}}{{!' minlength="%s"' % least if get("least") else ""}}{{!' aria-describedby="%s"' % about if about else ""}}{{!' aria-invalid="true"' if trouble else ""}}{{!' autocapitalize="none" spellcheck="false"' if get("exact") else ""}}\\
% if kind == "area":
>{{value or ""}}</textarea>
% else:
>
% end
% if hint:
<p class="hint" id="{{name}}-hint">{{hint}}</p>
% end
% if trouble:
<p class="wrong" id="{{name}}-wrong">{{trouble}}</p>
% end
</div>
