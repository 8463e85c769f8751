<?php
// What your backend can do with a room: php rooms.php list|end <room>, remove <room> <sub>, or invite <room> <sub> [role].
// The token it calls with is a room token like others; what it needs is the grant "moderate", which a host has.
declare(strict_types=1);

require __DIR__ . '/room-token.php';

/** Calls the broker for one room, with a token that is good for a minute. */
function call(string $method, string $room, string $path, ?array $body = null): array
{
    $token = room_token(signing_key(), [
        'aud' => 'realtime-call',
        'room' => $room,
        'sub' => 'backend',
        'role' => 'host',
        'iat' => time(),
        'exp' => time() + 60,
    ]);
    $context = stream_context_create(['http' => [
        'method' => $method,
        'header' => "Authorization: Bearer $token\r\nContent-Type: application/json",
        'content' => $body === null ? '' : json_encode($body, JSON_THROW_ON_ERROR),
        'ignore_errors' => true, // a refusal has a body that says why
    ]]);
    $answer = file_get_contents(getenv('BROKER_URL') . "/rooms/$room/$path", false, $context);

    return json_decode((string) $answer, true, 16, JSON_THROW_ON_ERROR);
}

[, $command, $room, $sub, $role] = $argv + ['', '', '', '', 'guest'];
$commands = [
    'list' => fn (): array => call('GET', $room, 'participants'),
    'remove' => fn (): array => call('POST', $room, 'remove', ['sub' => $sub]),
    'end' => fn (): array => call('POST', $room, 'end'),
    'invite' => fn (): array => call('POST', $room, 'invitations', ['sub' => $sub, 'role' => $role, 'minutes' => 60]),
];
if (!isset($commands[$command]) || $room === '') {
    exit("php rooms.php list|end <room>, remove <room> <sub>, or invite <room> <sub> [role]\n");
}
$answer = $commands[$command]();
echo json_encode($answer, JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES), "\n";
exit(isset($answer['errorCode']) ? 1 : 0);
