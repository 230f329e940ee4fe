% include("player_image.tpl")
