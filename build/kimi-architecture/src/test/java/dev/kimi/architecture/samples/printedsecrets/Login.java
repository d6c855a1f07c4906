package dev.kimi.architecture.samples.printedsecrets;

final class Login {
    final char[] password = {};
}
