% rebase("layout.tpl", title=_("Your profile"))
<form class="page" method="post" action="{{url("/edit/profile/")}}">
<p class="crumb"><a data-key="Escape" href="{{url("/u/" + viewer.username + "/")}}">{{_("Back to your profile")}}</a></p>
<h1>{{_("Your profile")}}</h1>
% include("_wrong.tpl")
% include("_field.tpl", name="name", label=_("Name"), value=viewer.name, complete="name", hint=_("As others see it"))
% include("_field.tpl", name="bio", label=_("About you"), kind="area", rows=5, value=getattr(viewer, "bio", ""), hint="", complete="")
<p><button class="button primary">{{_("Keep these changes")}}</button></p>
</form>
