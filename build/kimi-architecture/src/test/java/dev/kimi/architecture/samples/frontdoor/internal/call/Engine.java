package dev.kimi.architecture.samples.frontdoor.internal.call;

import dev.kimi.architecture.samples.frontdoor.Front;

final class Engine {
    final Front front = new Front();
}
