package dev.kimi.architecture.samples.chance;

final class Dice {
    double roll() {
        return Math.random();
    }
}
