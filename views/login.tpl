% rebase("layout.tpl", title=_("Log in"))
<form class="door" method="post" action="{{url("/auth/login/")}}">
<img src="{{asset("mark.svg")}}" alt="" width="96" height="96">
<h1>{{_("Log in")}}</h1>
% include("_wrong.tpl")
<input type="hidden" name="next" value="{{fields.get("next", "")}}">
% include("_field.tpl", name="username", label=_("Name"), complete="username", needed=not extra, exact=True)
% include("_field.tpl", name="password", label=_("Password"), kind="password", complete="current-password", needed=not extra)
% for provider, own in extra:
<fieldset><legend>{{provider}}</legend>
%   for name, label, kind in own:
%     include("_field.tpl", name=name, label=label, kind=kind, complete="off", needed=False)
%   end
</fieldset>
% end
<button class="button primary">{{_("Log in")}}</button>
</form>
