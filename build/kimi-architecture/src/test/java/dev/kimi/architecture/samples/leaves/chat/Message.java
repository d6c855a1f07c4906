package dev.kimi.architecture.samples.leaves.chat;

import dev.kimi.architecture.samples.leaves.error.Failure;

final class Message {
    final Failure failure = new Failure();
}
