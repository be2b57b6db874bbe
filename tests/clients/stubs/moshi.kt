// The part of Moshi that the generated Kotlin client uses, without bodies: no package registry of ours carries Moshi.
package com.squareup.moshi

annotation class Json(val name: String = "", val ignore: Boolean = false)

annotation class JsonClass(val generateAdapter: Boolean, val generator: String = "")

annotation class FromJson

annotation class ToJson

abstract class JsonAdapter<T> {
    fun fromJson(string: String): T? = TODO()
    fun toJson(value: T?): String = TODO()
    fun nullSafe(): JsonAdapter<T> = TODO()
}

class Moshi {
    fun <T> adapter(type: Class<T>): JsonAdapter<T> = TODO()

    class Builder {
        fun add(adapter: Any): Builder = TODO()
        fun <T> add(type: Class<T>, jsonAdapter: JsonAdapter<T>): Builder = TODO()
        fun build(): Moshi = TODO()
    }
}

inline fun <reified T> Moshi.adapter(): JsonAdapter<T> = TODO()
