% rebase("layout.tpl", title=_("Account"))
% here = url("/edit/account/")
<div class="page">
<div class="head"><h1>{{_("Account")}}</h1><a href="{{url("/edit/profile/")}}">{{_("Name and profile")}}</a></div>
% include("_wrong.tpl")
<section aria-labelledby="password-title">
<h2 id="password-title">{{_("Password")}}</h2>
<form method="post" action="{{here}}">
<input type="hidden" name="do" value="password">
% include("_field.tpl", name="old", label=_("The one you have"), kind="password", complete="current-password", needed=True)
% include("_field.tpl", name="new", label=_("The new one"), kind="password", complete="new-password", needed=True, least=shortest, hint=_("At least {count} characters. Long is good: three or four words.").format(count=shortest))
<button class="button primary">{{_("Change the password")}}</button>
</form>
</section>
<section aria-labelledby="sessions">
<h2 id="sessions">{{_("Where you are logged in")}}</h2>
<ul class="rows">
% for one in sessions:
<li class="row two"><span class="row-name">{{one["agent"] or _("Unknown device")}}</span><span class="row-said">{{_("This one") if one["current"] else _("Last seen {when}").format(when=age(one["seen"]))}}</span>
%   if not one["current"]:
<form method="post" action="{{here}}"><input type="hidden" name="do" value="revoke"><input type="hidden" name="session" value="{{one["id"]}}"><button class="button">{{_("Log out there")}}</button></form>
%   end
</li>
% end
</ul>
</section>
<section aria-labelledby="tokens">
<h2 id="tokens">{{_("Access tokens for programs")}}</h2>
<p class="muted">{{_("A program on your phone or computer uses such a token instead of your password; it sends the header Authorization: Bearer TOKEN.")}}</p>
% if get("new_token"):
<div class="message good"><p><label for="new-token">{{_("Your new token. It is shown only this once:")}}</label></p><p><input id="new-token" readonly value="{{new_token}}"></p></div>
% end
% if tokens:
<ul class="rows">
%   for one in tokens:
<li class="row two"><span class="row-name">{{one["label"]}}</span><span class="row-said">{{_("May read and change") if one["scope"] == "write" else _("May only read")}}, {{_("used {when}").format(when=age(one["used"])) if one["used"] else _("never used")}}</span>
<form method="post" action="{{here}}"><input type="hidden" name="do" value="revoke"><input type="hidden" name="token" value="{{one["id"]}}"><button class="button">{{_("Remove")}}</button></form></li>
%   end
</ul>
% end
<form method="post" action="{{here}}">
<input type="hidden" name="do" value="token">
% include("_field.tpl", name="label", label=_("What is it for?"), kind="text", value="", hint="", needed=True, complete="off")
<div class="field"><label for="scope">{{_("It may")}}</label><select id="scope" name="scope"><option value="read">{{_("only read")}}</option><option value="write">{{_("read and change")}}</option></select></div>
<button class="button">{{_("Make a token")}}</button>
</form>
</section>
</div>
