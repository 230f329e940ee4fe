% rebase("layout.tpl", title=_("Welcome"))
<form class="door" method="post">
<img src="{{asset("mark.svg")}}" alt="" width="128" height="128">
<h1>{{_("Welcome")}}</h1>
<p class="muted">{{_("Choose a password, and you are in.")}}</p>
% include("_wrong.tpl")
% include("_field.tpl", name="password", label=_("A password"), kind="password", complete="new-password", needed=True, least=shortest, hint=_("At least {count} characters. Long is good: three or four words.").format(count=shortest))
<button class="button primary">{{_("Come in")}}</button>
</form>
