% rebase("layout.tpl", title=_("The gallery"))
<div class="page">
<h1>{{_("The gallery")}}</h1>
<dl class="facts">
<div><dt>{{_("People")}}</dt><dd><a href="{{url("/mod/users/")}}">{{people}}</a></dd></div>
<div><dt>{{_("Media")}}</dt><dd>{{media}}</dd></div>
<div><dt>{{_("Size")}}</dt><dd>{{size(kept)}}</dd></div>
<div><dt>{{_("Being prepared")}}</dt><dd><a href="{{url("/mod/media/")}}">{{waiting_all}}</a></dd></div>
<div><dt>{{_("Did not work")}}</dt><dd><a href="{{url("/mod/media/?state=failed")}}">{{failed}}</a></dd></div>
<div><dt>{{_("Free on the disk")}}</dt><dd>{{size(free)}}</dd></div>
</dl>
</div>
