"""Two people who use all that the lesson's server has. Prints what they hear as lines of JSON.

client.py URL polling|websocket|upgrade
"""

import json
import queue
import sys

import socketio

url, way = sys.argv[1:]
transports = {'polling': ['polling'], 'websocket': ['websocket'], 'upgrade': None}[way]

# The client handles each packet in a thread of its own. They do their work in the order in which they are started as
# long as none is interrupted.
sys.setswitchinterval(5)


def tell(*fact):
    print(json.dumps(fact, default=lambda value: {'bytes': list(value)}), flush=True)


class Person:
    def __init__(self, name):
        self.name = name
        self.client = socketio.Client()
        self.queues = {}
        self.listen('/', 'connect', 'disconnect', 'connect_error', 'response', 'broadcast', 'message', 'you', 'pong', 'line')
        self.listen('/chat', 'connect', 'message')

    def listen(self, namespace, *events):
        for event in events:
            heard = self.queues[namespace, event] = queue.Queue()
            self.client.on(event, lambda *args, heard=heard: heard.put(args), namespace=namespace)

    def come(self, **options):
        self.client.connect(url, transports=transports, wait_timeout=60, **options)

    def hears(self, event, namespace='/'):
        tell(self.name, namespace, event, *self.queues[namespace, event].get(timeout=60))

    def says(self, event, data=None, **options):
        self.client.emit(event, data, **options)

    def asks(self, event, data=None):
        tell(self.name, 'is answered', event, self.client.call(event, data))

    def goes(self):
        self.client.disconnect()
        self.client.eio.wait()


ada, ben, eve = Person('Ada'), Person('Ben'), Person('Eve')

ada.come(namespaces=['/', '/chat'])
ada.hears('response')
ada.hears('message', '/chat')
tell('Ada is on', ada.client.transport())
ben.come(auth={'token': 'good'}, namespaces=['/', '/chat'])
ben.hears('response')
ben.hears('message', '/chat')

eve.come(auth={'token': 'bad'}, namespaces=['/'], wait=False)
eve.hears('connect_error')
tell('Eve is in', '/' in eve.client.namespaces)
eve.goes()

ada.client.send('Hello Server!')
ada.hears('response')
ada.client.send('zwei – 😀')
ada.hears('response')

ada.says('broadcast', {'all': ['of', 'you']})
for person in ada, ben:
    person.hears('broadcast')
ben.says('to the others', 'not to Ben')
ada.hears('broadcast')

ada.says('join', {'room': 'red'})
ada.hears('message')
ben.says('join', {'room': 'red'})
for person in ada, ben:
    person.hears('message')
ben.says('room_message', {'room': 'red', 'message': 'hello red'})
for person in ada, ben:
    person.hears('message')
ben.asks('leave', {'room': 'red'})
ada.hears('message')
ben.says('room_message', {'room': 'red', 'message': 'only for Ada'})
ada.hears('message')

ada.says('who am I')
ada.hears('you')
ada.says('ping')
ada.hears('pong')
ada.asks('save', {'type': 'note', 'text': '<b>"bold" & brave</b>'})
ada.asks('save', 'a text')
ada.asks('bytes', bytes(range(5)))

# Not more at once than its own server takes in one request: 16 packets.
for number in range(1, 11):
    ada.says('line', number)
for number in range(1, 11):
    ada.hears('line')

ada.client.send('in the chat', namespace='/chat')
for person in ada, ben:
    person.hears('message', '/chat')
tell('left over', [person.name for person in (ada, ben) for heard in person.queues.values() if heard.qsize() > 1])

ben.says('go away')
ben.hears('disconnect')
tell('Ben is still in the chat', '/chat' in ben.client.namespaces, '/' in ben.client.namespaces)
ben.goes()
ada.goes()
ada.hears('disconnect')
tell('the end')
