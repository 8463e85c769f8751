<?php
// GET /call-token?room=...&guest=... answers {"token": "..."}. Plain PHP 7.4 or newer, no package.
declare(strict_types=1);

require __DIR__ . '/room-token.php';

// Ask your own session here: may this visitor enter this room, under which name, as host or guest?
$room = (string) ($_GET['room'] ?? '');
$guest = (string) ($_GET['guest'] ?? '');

$now = time();

header('Content-Type: application/json');
header('Cache-Control: no-store');
echo json_encode(['token' => room_token(signing_key(), [
    'aud' => 'realtime-call',
    'room' => $room,
    'sub' => "guest-$guest", // a stable id of your user; without accounts, the id the widget keeps for this tab
    'role' => 'guest',
    'iat' => $now,
    'exp' => $now + 600,
])]);
