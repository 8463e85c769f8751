<?php
// Hears from the broker who comes and goes: checks who sent an event, then answers at once. PHP 7.4 or newer, no package.
declare(strict_types=1);

/** Was this body signed with our secret, within the last five minutes? */
function is_signed(string $secret, string $body): bool
{
    $id = $_SERVER['HTTP_WEBHOOK_ID'] ?? '';
    $timestamp = $_SERVER['HTTP_WEBHOOK_TIMESTAMP'] ?? '';
    if (abs(time() - (int) $timestamp) > 300) {
        return false;
    }
    $key = base64_decode(preg_replace('/^whsec_/', '', $secret), true);
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
    foreach (explode(' ', $_SERVER['HTTP_WEBHOOK_SIGNATURE'] ?? '') as $signature) {
        if (hash_equals($expected, $signature)) {
            return true;
        }
    }
    return false;
}

$body = file_get_contents('php://input');
if (!is_signed((string) getenv('WEBHOOK_SECRET'), $body)) {
    http_response_code(401);
    exit;
}
// An event may come twice: keep its id where you keep what you make of it. Slow work belongs behind the answer.
error_log($body);
http_response_code(204);
