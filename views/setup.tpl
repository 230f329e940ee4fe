% rebase("layout.tpl", title=_("Welcome"))
<form class="door" method="post">
<img src="{{asset("mark.svg")}}" alt="" width="128" height="128">
<h1>{{_("Welcome to your gallery")}}</h1>
<p class="muted">{{_("Make the first account. It is yours, and it may add others.")}}</p>
% include("_wrong.tpl")
% include("_field.tpl", name="username", label=_("Your name, as in addresses"), kind="text", value="", complete="username", needed=True, exact=True, hint=_("Small letters and digits"))
% include("_field.tpl", name="password", label=_("A password"), kind="password", complete="new-password", needed=True, exact=False, least=shortest, hint=_("At least {count} characters. Long is good: three or four words.").format(count=shortest))
% if asks_title:
% include("_field.tpl", name="title", label=_("A name for the gallery, if you like"), kind="text", value="", complete="off", needed=False, exact=False, hint=_("Shown in the bar; it can be changed later in goblin.ini"))
% end
<button class="button primary">{{_("Open the gallery")}}</button>
</form>
