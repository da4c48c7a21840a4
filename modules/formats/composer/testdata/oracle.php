<?php

// Answers questions about Composer's own behaviour: one JSON object per line
// in, {"ok": result} or {"error": message} per line out. It loads the
// libraries of an installed Composer.

foreach (['Composer/Semver', 'Composer/MetadataMinifier', 'Composer/Pcre', 'Symfony/Component/Finder'] as $library) {
    require '/usr/share/php/' . $library . '/autoload.php';
}
require '/usr/share/php/Composer/Package/Archiver/BaseExcludeFilter.php';
require '/usr/share/php/Composer/Package/Archiver/ComposerExcludeFilter.php';

function normalize($version)
{
    try {
        $normal = (new Composer\Semver\VersionParser())->normalize($version);
    } catch (UnexpectedValueException $e) {
        return ['normal' => null, 'stability' => null];
    }
    return ['normal' => $normal, 'stability' => Composer\Semver\VersionParser::parseStability($normal)];
}

function compare($a, $b)
{
    $constraint = new Composer\Semver\Constraint\Constraint('==', '1');
    foreach (['<' => -1, '==' => 0, '>' => 1] as $operator => $result) {
        if ($constraint->versionCompare($a, $b, $operator, true)) {
            return $result;
        }
    }
    return null;
}

function answer(array $q)
{
    switch ($q['ask']) {
        case 'normalize':
            return array_map('normalize', $q['versions']);
        case 'compare':
            return array_map(function ($a) use ($q) {
                return array_map(function ($b) use ($a) { return compare($a, $b); }, $q['versions']);
            }, $q['versions']);
        case 'exclude':
            $filter = new Composer\Package\Archiver\ComposerExcludeFilter('/', $q['patterns']);
            return array_map(function ($path) use ($filter) {
                return $filter->filter('/' . $path, false);
            }, $q['paths']);
        case 'minify':
            return objects(Composer\MetadataMinifier\MetadataMinifier::minify($q['versions']));
        case 'expand':
            return objects(Composer\MetadataMinifier\MetadataMinifier::expand($q['versions']));
    }
    throw new LogicException('what is ' . $q['ask'] . '?');
}

// An empty array has to leave as {}, not as [].
function objects(array $versions)
{
    return array_map(function ($version) { return (object) $version; }, $versions);
}

set_error_handler(function ($severity, $message) {
    throw new RuntimeException($message);
});
while (($line = fgets(STDIN)) !== false) {
    try {
        $reply = ['ok' => answer(json_decode($line, true, 512, JSON_THROW_ON_ERROR))];
    } catch (Throwable $e) {
        $reply = ['error' => $e->getMessage()];
    }
    echo json_encode($reply, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_PRESERVE_ZERO_FRACTION | JSON_INVALID_UTF8_SUBSTITUTE), "\n";
}
