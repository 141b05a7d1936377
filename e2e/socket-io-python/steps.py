"""Goes through everything a client of python-socketio does, and prints each fact as a line of JSON.

steps.py sync|asyncio URL polling|websocket|upgrade
"""

import asyncio
import inspect
import json
import queue
import sys

import socketio

kind, url, way = sys.argv[1:]
transports = {'polling': ['polling'], 'websocket': ['websocket'], 'upgrade': None}[way]

if kind == 'sync':
    # The synchronous client handles each packet in a thread of its own. They do their work in the order in which they
    # are started as long as none is interrupted.
    sys.setswitchinterval(5)


def tell(fact, *values):
    print(json.dumps([fact, *values], default=lambda value: {'bytes': list(value)}), flush=True)


async def settled(value):
    """The result of a call of either client."""
    return await value if inspect.isawaitable(value) else value


def new_client(**options):
    made = socketio.Client if kind == 'sync' else socketio.AsyncClient
    return made(reconnection_delay=0.05, reconnection_delay_max=0.05, **options)


class Heard:
    """What a client hears, event by event, to be waited for."""

    def __init__(self, client, namespace='/'):
        self.queues = {}
        self.client, self.namespace = client, namespace

    def on(self, *events):
        for event in events:
            heard = self.queues[event] = queue.Queue() if kind == 'sync' else asyncio.Queue()
            self.client.on(event, lambda *args, heard=heard: heard.put_nowait(list(args)), namespace=self.namespace)
        return self

    async def next(self, event):
        waiting = self.queues[event]
        if kind == 'sync':
            return waiting.get(timeout=60)
        return await asyncio.wait_for(waiting.get(), 60)

    async def several(self, event, count):
        return [await self.next(event) for _ in range(count)]


async def connect(client, **options):
    await settled(client.connect(url, transports=transports, wait_timeout=60, **options))


async def leave(client):
    await settled(client.disconnect())
    # until what it had to say is said
    await settled(client.eio.wait())


async def talk():
    client = new_client()
    house = Heard(client).on('connect', 'disconnect', 'welcome', 'echo', 'your answer', 'said', 'number')
    news = Heard(client, '/news').on('connect', 'disconnect', 'welcome', 'echo', 'said')
    client.on('question', lambda number, data: (2 * number, list(data), bytes([9, 8])))

    await connect(client, auth={'token': 't-1', 'ä': [1, None]}, namespaces=['/', '/news'])
    tell('connected', await house.next('connect'), await news.next('connect'), client.transport())
    tell('ids differ', client.get_sid('/') != client.get_sid('/news'))
    tell('welcome', await house.next('welcome'), await news.next('welcome'))

    for args in [(), ('hi',), (1, 'zwei – 三 – 😀', None, [True, {'a': {'b': []}}]), ({'text': '"\\ \x1e'},)]:
        await settled(client.emit('echo', args))
    tell('echoes', await house.several('echo', 4))
    await settled(client.emit('echo', 'over here', namespace='/news'))
    tell('echo of the news', await news.next('echo'))

    tell('acks', [await settled(client.call('echo', args)) for args in [(), (1, [2]), ('three',)]])
    tell('ack of the news', await settled(client.call('echo', 'here too', namespace='/news')))
    await settled(client.emit('ask me'))
    tell('answered', await house.next('your answer'))

    await settled(client.emit('echo', (b'\x01', {'list': [b'\x02\x03', 'text']}, b'')))
    tell('bytes', await house.next('echo'))
    tell('bytes by ack', await settled(client.call('measure', (b'\x00\xff', {'deep': b'\x01'}))))
    large = bytes(range(256)) * 1000
    _, both, facts = await settled(client.call('measure', (large, {'deep': b'!'})))
    tell('many bytes', both == large + b'!', facts)

    tell('rooms', await settled(client.call('join', 'red')), await settled(client.call('join', 'blue')))
    for room in ['red', 'green', 'blue']:
        await settled(client.emit('say', (room, 'to ' + room)))
    await settled(client.emit('announce', 'to all'))
    tell('said', await house.several('said', 3))
    tell('rooms', await settled(client.call('leave', 'blue')))
    await settled(client.emit('say', ('blue', 'to blue')))
    await settled(client.emit('announce', 'to all'))
    await settled(client.emit('say', 'the news', namespace='/news'))
    tell('said', await house.several('said', 1), await news.several('said', 1))

    await settled(client.emit('count', 100))
    tell('counted', [number for [number] in await house.several('number', 100)])

    # The other end cuts the line when it reads this, and lets it be mended.
    tell('cut the line')
    tell('disconnected', await house.next('disconnect'), await news.next('disconnect'))
    tell('connected', await house.next('connect'), await news.next('connect'))
    tell('welcome', await house.next('welcome'), await news.next('welcome'))
    tell('ack', await settled(client.call('echo', 'back')))

    await leave(client)
    tell('disconnected', await house.next('disconnect'), await news.next('disconnect'))


async def be_sent_away():
    for order in ['kick me', 'kick all of me']:
        client = new_client()
        house = Heard(client).on('connect', 'disconnect')
        await connect(client)
        await settled(client.emit(order))
        tell(order, await house.next('connect'), await house.next('disconnect'))
        # by itself it does not come back
        await settled(client.wait())
        tell('is connected', client.connected)


async def be_refused():
    client = new_client()
    refusals = Heard(client, '/closed').on('connect_error')
    await connect(client, namespaces=['/closed'], wait=False)
    tell('refused', await refusals.next('connect_error'))
    await leave(client)

    client = new_client()
    house, nowhere = Heard(client).on('connect'), Heard(client, '/nowhere').on('connect_error')
    await connect(client, namespaces=['/', '/nowhere'], wait=False)
    tell('connected and refused', await house.next('connect'), await nowhere.next('connect_error'))
    tell('ack', await settled(client.call('echo', 'in the others')))
    await leave(client)


async def main():
    await talk()
    await be_sent_away()
    await be_refused()
    tell('the end')


asyncio.run(main())
