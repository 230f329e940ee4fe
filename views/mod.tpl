% rebase("layout.tpl", title=_("The gallery"))
<div class="page">
<h1>{{_("The gallery")}}</h1>
<ul class="plainlist">
<li><a href="{{url("/mod/users/")}}">{{_("{count} people").format(count=people)}}</a></li>
<li>{{_("{count} media, {size}").format(count=media, size=size(kept))}}</li>
<li>{{_("{count} being prepared, {failed} did not work").format(count=waiting_all, failed=failed)}}</li>
<li>{{_("{size} free on the disk").format(size=size(free))}}</li>
</ul>
</div>
