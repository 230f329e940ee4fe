% rebase("layout.tpl", title=_("People"))
<div class="page">
<div class="head"><h1>{{_("People")}}</h1></div>
% if get("join_link"):
<div class="message good"><p><label for="join">{{_("Send them this address. It works once, and lets them choose a password:")}}</label></p><p><input id="join" readonly value="{{join_link}}"> <button class="button with-script" type="button" data-copy="join" data-done="{{_("Copied")}}">{{_("Copy")}}</button></p></div>
% end
<ul class="rows">
% for one in people:
<li class="row two"><a class="row-name" href="{{url("/u/" + one.username + "/")}}">{{one.shown_name}}</a><span class="row-said">{{one.username}}{{", " + _("runs this gallery") if one.admin else ""}}, {{_("{count} media, {size}").format(count=one.count, size=size(one.bytes))}}{{"" if one.active else ", " + _("may not come in")}}</span>
<details class="fold"{{!" open" if get("unchanged") == one.username else ""}}><summary class="button" aria-label="{{_("Change what {name} may").format(name=one.shown_name)}}">{{_("Change")}}</summary><div class="changes">
<form method="post" action="{{url("/mod/users/" + one.username + "/")}}">
%   if get("unchanged") == one.username:
%     include("_wrong.tpl")
%   end
%   for name, label, on in (("active", _("May come in"), one.active), ("uploader", _("May add media"), one.uploader), ("admin", _("May also run this gallery"), one.admin)):
<label class="check"><input type="hidden" name="{{name}}" value="no"><input type="checkbox" name="{{name}}" value="yes"{{!" checked" if on else ""}}> {{label}}</label>
%   end
<div class="field"><label for="quota-{{one.id}}">{{_("May keep at most")}}</label><input id="quota-{{one.id}}" name="quota" value="{{"" if one.quota is None else one.quota}}" aria-describedby="quota-{{one.id}}-hint"><p class="hint" id="quota-{{one.id}}-hint">{{_("Such as 20 GB; 0 for no limit; empty for what everybody has")}}</p></div>
<button class="button primary">{{_("Keep these changes")}}</button>
</form>
<form method="post" action="{{url("/mod/users/" + one.username + "/link/")}}"><button class="link">{{_("Make an address to choose a new password")}}</button></form>
</div></details></li>
% end
</ul>
<section aria-labelledby="add-person">
<h2 id="add-person">{{_("Add a person")}}</h2>
% if not get("unchanged"):
%   include("_wrong.tpl")
% end
<form method="post" action="{{url("/mod/users/")}}">
% include("_field.tpl", name="username", label=_("Name, as in addresses"), complete="off", needed=True, exact=True, hint=_("Small letters and digits"))
% include("_field.tpl", name="email", label=_("E-mail, if you like"), kind="email", complete="off", needed=False, exact=False, hint="")
<label class="check"><input type="checkbox" name="admin" value="1"> {{_("May also run this gallery")}}</label>
<p><button class="button primary">{{_("Add them")}}</button></p>
</form>
</section>
</div>
