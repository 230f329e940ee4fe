% rebase("layout.tpl", title=_("People"))
<div class="page">
<div class="head"><h1>{{_("People")}}</h1></div>
% if get("join_link"):
<div class="message good"><p><label for="join">{{_("Send them this address. It works once, and lets them choose a password:")}}</label></p><p><input id="join" readonly value="{{join_link}}"> <button class="button" type="button" data-copy="join" data-done="{{_("Copied")}}" hidden>{{_("Copy")}}</button></p></div>
% end
<ul class="rows">
% for one in people:
<li class="row two"><a class="row-name" href="{{url("/u/" + one.username + "/")}}">{{one.shown_name}}</a><span class="row-said">{{one.username}}{{", " + _("runs this gallery") if one.admin else ""}}, {{_("{count} media, {size}").format(count=one.count, size=size(one.bytes))}}</span></li>
% end
</ul>
<section aria-labelledby="add-person">
<h2 id="add-person">{{_("Add a person")}}</h2>
% include("_wrong.tpl")
<form method="post" action="{{url("/mod/users/")}}">
% include("_field.tpl", name="username", label=_("Name, as in addresses"), complete="off", needed=True, exact=True, hint=_("Small letters and digits"))
% include("_field.tpl", name="email", label=_("E-mail, if you like"), kind="email", complete="off", needed=False, exact=False, hint="")
<label class="check"><input type="checkbox" name="admin" value="1"> {{_("May also run this gallery")}}</label>
<p><button class="button primary">{{_("Add them")}}</button></p>
</form>
</section>
</div>
