% rebase("layout.tpl", title=str(status))
<section class="empty">
<img src="{{asset("mark.svg")}}" alt="" width="160" height="160">
<h1>{{_("Nothing on this wall") if status == 404 else _("This door is closed") if status == 403 else _("That did not work")}}</h1>
<p>{{sentence}}</p>
<p><a class="button primary" href="{{url("/")}}">{{_("To the first page")}}</a></p>
</section>
