<?php
// GET /call-token?room=...&guest=... answers {"token": "..."}. Plain PHP 7.4 or newer, no package.
declare(strict_types=1);

function base64url(string $bytes): string
{
    return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
}

/** Signs a room token with a key of ROOM_TOKEN_KEYS: the same JSON that the broker has. */
function room_token(array $key, array $claims): string
{
    $header = ['alg' => 'HS256', 'kid' => $key['kid'], 'typ' => 'JWT'];
    $encode = fn (array $part): string => base64url(json_encode($part, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES));
    $signed = $encode($header) . '.' . $encode($claims);
    $secret = base64_decode(strtr($key['k'], '-_', '+/'), true);

    return $signed . '.' . base64url(hash_hmac('sha256', $signed, $secret, true));
}

// Ask your own session here: may this visitor enter this room, under which name, as host or guest?
$room = (string) ($_GET['room'] ?? '');
$guest = (string) ($_GET['guest'] ?? '');

$keys = json_decode((string) getenv('ROOM_TOKEN_KEYS'), true, 8, JSON_THROW_ON_ERROR);
$now = time();

header('Content-Type: application/json');
header('Cache-Control: no-store');
echo json_encode(['token' => room_token($keys[0], [
    'aud' => 'realtime-call',
    'room' => $room,
    'sub' => "guest-$guest", // a stable id of your user; without accounts, the id the widget keeps for this tab
    'role' => 'guest',
    'iat' => $now,
    'exp' => $now + 600,
])]);
