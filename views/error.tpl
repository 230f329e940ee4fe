% rebase("layout.tpl", title=_("This gallery is new") if new else str(status), new=new)
<section class="empty">
<img src="{{asset("mark.svg")}}" alt="" width="160" height="160">
<h1>{{_("Nobody lives here yet") if new else _("Nothing on this wall") if status == 404 else _("This door is closed") if status == 403 else _("That did not work")}}</h1>
<p>{{sentence}}</p>
% if not new:
<p><a class="button primary" href="{{url("/")}}">{{_("To the first page")}}</a></p>
% end
</section>
