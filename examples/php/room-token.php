<?php
// Signs room tokens. Plain PHP 7.4 or newer, no package.
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

/** The key to sign with: the first of ROOM_TOKEN_KEYS. */
function signing_key(): array
{
    return json_decode((string) getenv('ROOM_TOKEN_KEYS'), true, 8, JSON_THROW_ON_ERROR)[0];
}
